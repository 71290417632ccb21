#include "commands/registry.h"

#include <array>

namespace auth {
namespace {

// One line each.
// clang-format off
constexpr auto table = std::to_array<const Command*>({
    &create_command,
    &verify_command,
    &passwd_command,
    &reset_command,
    &list_command,
    &show_command,
    &update_command,
    &enable_command,
    &disable_command,
    &unlock_command,
    &delete_command,
    &import_command,
    &export_command,
    &apply_command,
    &seed_command,
    &login_command,
    &logout_command,
    &whoami_command,
    &session_list_command,
    &session_revoke_command,
    &exec_command,
    &token_decode_command,
    &token_verify_command,
    &token_issue_command,
    &token_print_command,
    &token_refresh_command,
    &token_revoke_command,
    &token_fixtures_command,
    &token_drill_command,
    &key_list_command,
    &key_create_command,
    &key_rotate_command,
    &key_retire_command,
    &key_revoke_command,
    &key_export_command,
    &key_import_command,
    &mfa_enroll_command,
    &mfa_confirm_command,
    &mfa_disable_command,
    &mfa_recovery_codes_command,
    &mfa_export_command,
    &mfa_code_command,
    &role_list_command,
    &role_create_command,
    &role_delete_command,
    &role_grant_command,
    &role_revoke_command,
    &provider_list_command,
    &provider_add_command,
    &provider_delete_command,
    &provider_rules_command,
    &provider_allow_command,
    &provider_disallow_command,
    &outbox_list_command,
    &outbox_show_command,
    &outbox_wait_command,
    &outbox_send_command,
    &outbox_test_command,
    &outbox_purge_command,
    &db_init_command,
    &db_status_command,
    &db_migrate_command,
    &db_check_command,
    &db_backup_command,
    &db_restore_command,
    &db_copy_command,
    &db_rekey_command,
    &explain_login_command,
    &hash_explain_command,
    &hash_calibrate_command,
    &audit_list_command,
    &audit_verify_command,
    &audit_head_command,
    &audit_archive_command,
    &audit_checkpoint_command,
    &audit_prove_command,
    &audit_check_proof_command,
    &config_list_command,
    &config_get_command,
    &config_set_command,
    &config_unset_command,
    &doctor_command,
    &completion_command,
    &help_command,
    &version_command,
});
// clang-format on

} // namespace

const CommandTree& commands() {
    static constexpr CommandTree tree(table);
    return tree;
}

} // namespace auth
