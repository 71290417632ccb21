# `cpack --config build/release/CPackConfig.cmake` makes a Debian package of what is installed.
# With SOURCE_DATE_EPOCH set, the same sources give the same package, byte for byte.
set(AUTH_DOC ${CMAKE_INSTALL_DATADIR}/doc/auth-cli)

# lintian wants both compressed; -n leaves out the time.
add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/changelog.gz
    COMMAND gzip -9nc ${PROJECT_SOURCE_DIR}/packaging/changelog > ${PROJECT_BINARY_DIR}/changelog.gz
    DEPENDS ${PROJECT_SOURCE_DIR}/packaging/changelog)
# What was linked, as an SPDX document.
add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/auth-cli.spdx.json
    COMMAND /usr/bin/python3 ${PROJECT_SOURCE_DIR}/packaging/bill_of_materials.py
            --version ${PROJECT_VERSION} --modules ${PROJECT_BINARY_DIR}/lib/auth-cli/modules
            $<TARGET_FILE:auth-cli> > ${PROJECT_BINARY_DIR}/auth-cli.spdx.json
    DEPENDS auth-cli ${PROJECT_SOURCE_DIR}/packaging/bill_of_materials.py)
add_custom_target(packaging ALL
    DEPENDS ${PROJECT_BINARY_DIR}/changelog.gz ${PROJECT_BINARY_DIR}/auth-cli.spdx.json)

install(FILES ${PROJECT_SOURCE_DIR}/packaging/copyright ${PROJECT_BINARY_DIR}/changelog.gz
              ${PROJECT_BINARY_DIR}/auth-cli.spdx.json ${PROJECT_SOURCE_DIR}/README.md
              ${PROJECT_SOURCE_DIR}/SECURITY.md
        DESTINATION ${AUTH_DOC})
# The README links to them.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${AUTH_DOC})
install(FILES ${PROJECT_SOURCE_DIR}/examples/postgres-roles.sql
              ${PROJECT_SOURCE_DIR}/packaging/auth-cli-mail.service
              ${PROJECT_SOURCE_DIR}/packaging/auth-cli-mail.timer
        DESTINATION ${AUTH_DOC}/examples)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/auth-cli.sysusers DESTINATION lib/sysusers.d
        RENAME auth-cli.conf)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME auth-cli)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "auth-cli developers <auth-cli@auth-cli.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "user authentication on the command line, without a server")
set(CPACK_PACKAGE_DESCRIPTION
    "auth-cli keeps users, roles, passwords, second factors, sessions and signing
keys in one SQLite file or on a PostgreSQL server. It mails codes, logs in,
writes token files and signs JSON Web Tokens that any service can check, and
keeps an audit trail of all of it.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib/auth-cli/modules)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql-client, xdg-utils")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
