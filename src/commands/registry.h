// The table of commands: one line each.
#pragma once

#include "cli/command_tree.h"

namespace auth {

[[nodiscard]] const CommandTree& commands();

// Each is defined in the file of its name.
extern const Command create_command;
extern const Command verify_command;
extern const Command passwd_command;
extern const Command reset_command;
extern const Command list_command;
extern const Command show_command;
extern const Command update_command;
extern const Command enable_command;
extern const Command disable_command;
extern const Command unlock_command;
extern const Command delete_command;
extern const Command import_command;
extern const Command export_command;
extern const Command apply_command;
extern const Command seed_command;
extern const Command login_command;
extern const Command logout_command;
extern const Command whoami_command;
extern const Command session_list_command;
extern const Command session_revoke_command;
extern const Command exec_command;
extern const Command token_decode_command;
extern const Command token_verify_command;
extern const Command token_issue_command;
extern const Command token_print_command;
extern const Command token_refresh_command;
extern const Command token_revoke_command;
extern const Command token_fixtures_command;
extern const Command token_drill_command;
extern const Command key_list_command;
extern const Command key_create_command;
extern const Command key_rotate_command;
extern const Command key_retire_command;
extern const Command key_revoke_command;
extern const Command key_export_command;
extern const Command key_import_command;
extern const Command mfa_enroll_command;
extern const Command mfa_confirm_command;
extern const Command mfa_disable_command;
extern const Command mfa_recovery_codes_command;
extern const Command mfa_export_command;
extern const Command mfa_code_command;
extern const Command role_list_command;
extern const Command role_create_command;
extern const Command role_delete_command;
extern const Command role_grant_command;
extern const Command role_revoke_command;
extern const Command provider_list_command;
extern const Command provider_add_command;
extern const Command provider_delete_command;
extern const Command provider_rules_command;
extern const Command provider_allow_command;
extern const Command provider_disallow_command;
extern const Command outbox_list_command;
extern const Command outbox_show_command;
extern const Command outbox_wait_command;
extern const Command outbox_send_command;
extern const Command outbox_test_command;
extern const Command outbox_purge_command;
extern const Command db_init_command;
extern const Command db_status_command;
extern const Command db_migrate_command;
extern const Command db_check_command;
extern const Command db_copy_command;
extern const Command db_rekey_command;
extern const Command db_backup_command;
extern const Command db_restore_command;
extern const Command audit_list_command;
extern const Command audit_verify_command;
extern const Command audit_head_command;
extern const Command audit_archive_command;
extern const Command audit_checkpoint_command;
extern const Command audit_prove_command;
extern const Command audit_check_proof_command;
extern const Command explain_login_command;
extern const Command hash_explain_command;
extern const Command hash_calibrate_command;
extern const Command config_list_command;
extern const Command config_get_command;
extern const Command config_set_command;
extern const Command config_unset_command;
extern const Command completion_command;
extern const Command doctor_command;
extern const Command help_command;
extern const Command version_command;

} // namespace auth
