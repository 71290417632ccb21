# Modules lie where the program finds them from its own place, in the build tree as when installed.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_FULL_LIBDIR BASE_DIRECTORY ${CMAKE_INSTALL_FULL_BINDIR}
           OUTPUT_VARIABLE AUTH_MODULES)
# One level deeper than the linker looks, so that no package has to run ldconfig for them.
set(AUTH_MODULES ${AUTH_MODULES}/auth-cli/modules)

# auth_module(NAME SOURCE…): the target auth_NAME, built as NAME.so with the core linked in. Only
# what is marked visible is seen from outside.
function(auth_module name)
    if(AUTH_FUZZ)
        return()
    endif()
    add_library(auth_${name} MODULE ${ARGN})
    target_link_libraries(auth_${name} PRIVATE auth_core)
    target_link_options(auth_${name} PRIVATE -Wl,--gc-sections -Wl,--exclude-libs,ALL)
    if(NOT AUTH_SANITIZE)
        target_link_options(auth_${name} PRIVATE -Wl,-z,defs) # found now, not when it is loaded
    endif()
    set_target_properties(auth_${name} PROPERTIES
        PREFIX "" OUTPUT_NAME ${name} NO_SONAME ON CXX_VISIBILITY_PRESET hidden
        LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/src/${AUTH_MODULES})
    install(TARGETS auth_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/auth-cli/modules)
    set_property(GLOBAL APPEND PROPERTY AUTH_MODULE_TARGETS auth_${name})
endfunction()
