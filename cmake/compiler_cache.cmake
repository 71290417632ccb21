# ccache, where it is installed and has a place to write. -DCCACHE=OFF does without.
find_program(CCACHE ccache)
if(CCACHE)
    execute_process(COMMAND ${CCACHE} --get-config cache_dir OUTPUT_VARIABLE place
                    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND mkdir -p ${place}/tmp OUTPUT_QUIET ERROR_QUIET)
    execute_process(COMMAND test -w ${place}/tmp RESULT_VARIABLE refused)
    if(NOT refused)
        # Without these it finds nothing that includes a precompiled header.
        set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            add_compile_options(-fpch-preprocess)
        endif()
    endif()
endif()
