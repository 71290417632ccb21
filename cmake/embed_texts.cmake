# Writes OUT, a C++ file whose FUNCTION yields the FILES (with | between them) as raw strings under
# their names without directory and last extension.
string(REPLACE "|" ";" files "${FILES}")
set(rows "")
foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WLE)
    file(READ "${file}" text)
    string(APPEND rows "        {\"${name}\", R\"TEXT(${text})TEXT\"},\n")
endforeach()
file(WRITE "${OUT}" "#include \"cli/help/embedded.h\"

namespace auth {

const EmbeddedTexts& ${FUNCTION}() {
    static const EmbeddedTexts texts = {
${rows}    };
    return texts;
}

} // namespace auth
")
