# Warnings for every build; protection for the one that is installed; sanitizers on request.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
# For what waits for people, disks and servers: it compiles in two thirds of the time, and is smaller.
set(AUTH_COLD $<$<CONFIG:Release>:-O1>)
# Lines for backtraces alone: variables would cost a third of the build.
set(CMAKE_CXX_FLAGS_DEBUG "-g1")
add_compile_options(-Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Werror)

# Where it was built shows nowhere in what was built.
add_compile_options(-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    if(CMAKE_UNITY_BUILD)
        # Asks whether a type of an unnamed namespace is in a header, and takes included sources for headers.
        add_compile_options(-Wno-subobject-linkage)
    endif()
    # These follow values through inlined code and change with the optimiser and with precompiled
    # headers: they are told, and stop nobody's build.
    foreach(flow array-bounds dangling-pointer free-nonheap-object maybe-uninitialized null-dereference
                 restrict stringop-overflow stringop-overread stringop-truncation use-after-free)
        add_compile_options(-Wno-error=${flow})
    endforeach()
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13 AND NOT AUTH_TIDY)
        # GCC bug 105651: a false alarm wherever a literal is put before a std::string.
        add_compile_options(-Wno-restrict)
    endif()
endif()

if(AUTH_FUZZ)
    # clang 14 knows some of g++'s warnings by other rules.
    add_compile_options(-Wno-unknown-warning-option -Wno-error -fsanitize=fuzzer-no-link,address,undefined -g)
    add_link_options(-fsanitize=address,undefined)
elseif(AUTH_COVERAGE)
    add_compile_options(--coverage -O0)
    add_link_options(--coverage)
elseif(AUTH_SANITIZE)
    # Without optimisation nothing is optimised away before it is checked, and compiling takes half
    # the time. GCC's own manual: sanitizers make it see uninitialised values where there are none.
    # Red zones around globals would be made at every start, for 700,000 of them: clang's build for the
    # fuzz targets has them.
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all --param asan-globals=0
                        -fno-omit-frame-pointer -O0 -g1 -Wno-maybe-uninitialized)
    add_link_options(-fsanitize=address,undefined)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    add_compile_options(
        -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS
        -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
        -ftrivial-auto-var-init=zero)
    add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
