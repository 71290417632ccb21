# Writes OUT, a C++ file that holds every migration of DIR as a raw string, in order of number.
file(GLOB files "${DIR}/*.sql")
list(SORT files)
set(rows "")
foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" text)
    string(APPEND rows "        {\"${name}\", R\"SQL(${text})SQL\"},\n")
endforeach()
file(WRITE "${OUT}" "#include \"core/store/migrations.h\"

namespace auth {

const Migrations& ${FUNCTION}() {
    static const Migrations list = {
${rows}    };
    return list;
}

} // namespace auth
")
