# auth_room(NAME path SEES rooms… SOURCES files…)
#
# A room of the house: the folder src/NAME, or the single pair of files src/NAME.{h,cpp}. SEES names the
# rooms that it may include; it also sees whatever those see. Every room that it sees is declared before it,
# so no circle can be written down. tests/lint/layers.py reads these calls and holds the includes against
# them. Its sources join the library of its roof: the first word of its path. Unity builds compile them as
# one, so a name in an unnamed namespace belongs to one file of its room.
function(auth_room)
    cmake_parse_arguments(ROOM "" "NAME" "SEES;SOURCES" ${ARGN})
    if(NOT ROOM_NAME OR ROOM_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "auth_room: NAME, SEES and SOURCES only, not '${ROOM_UNPARSED_ARGUMENTS}'")
    endif()
    get_property(rooms GLOBAL PROPERTY AUTH_ROOMS)
    foreach(seen IN LISTS ROOM_SEES)
        if(NOT seen IN_LIST rooms)
            message(FATAL_ERROR "room ${ROOM_NAME} sees ${seen}, which is not declared before it")
        endif()
    endforeach()
    set_property(GLOBAL APPEND PROPERTY AUTH_ROOMS ${ROOM_NAME})
    string(REGEX REPLACE "/.*" "" roof ${ROOM_NAME})
    if(ROOM_SOURCES AND TARGET auth_${roof})
        target_sources(auth_${roof} PRIVATE ${ROOM_SOURCES})
        string(REPLACE "/" "_" group ${ROOM_NAME})
        set_property(SOURCE ${ROOM_SOURCES} TARGET_DIRECTORY auth_${roof} PROPERTY UNITY_GROUP ${group})
        set_property(TARGET auth_${roof} PROPERTY UNITY_BUILD_MODE GROUP)
    endif()
endfunction()

# auth_watch_folder(FOLDER): configures anew once a file comes to the folder or leaves it. A glob with
# CONFIGURE_DEPENDS would look there on every build.
function(auth_watch_folder folder)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder})
endfunction()
