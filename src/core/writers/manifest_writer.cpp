#include "core/base/json.h"
#include "core/writers/left_out.h"
#include "core/writers/user_writer.h"
#include "core/writers/yaml_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace auth {
namespace {

std::vector<std::string_view> kept_fields() {
    std::vector<std::string_view> names(profile_names.begin(), profile_names.end());
    names.insert(names.end(), {"roles", "attributes", "verified", "disabled",
                               "must_change_password", "password_hash"});
    return names;
}

class ManifestWriter final : public UserWriter {
  public:
    explicit ManifestWriter(std::vector<WriterOptions::Role> roles) : roles_(std::move(roles)) {}

    void begin(std::string& out) override {
        out += roles_.empty() ? "roles: []\n" : "roles:\n";
        for (const auto& role : roles_) {
            out += "  - ";
            member(out, "name", role.name);
            if (!role.description.empty()) {
                out += "    ";
                member(out, "description", role.description);
            }
        }
    }

    void add(std::string& out, const UserRecord& user, LeftBehind& left) override {
        if (!std::exchange(any_, true))
            out += "users:\n";
        out += "  - ";
        member(out, "email", user.email);
        for (const ProfileField& field : profile_fields)
            if (const auto& value = user.*field.place; value && !value->empty())
                own(out, field.name, *value);
        add_attributes(out, user);
        add_roles(out, user);
        for (const auto& [name, flag] :
             {std::pair("verified", user.verified), std::pair("disabled", user.disabled),
              std::pair("must_change_password", user.must_change_password)})
            if (flag.value_or(false))
                out += fmt::format("    {}: true\n", name);
        if (user.password_hash) {
            out += "    credentials:\n      ";
            member(out, "password_hash", *user.password_hash);
        }
        leave_out(user, kept_, left);
    }

    void end(std::string& out) override {
        if (!any_)
            out += "users: []\n";
    }

  private:
    static void member(std::string& out, std::string_view name, std::string_view text) {
        append_yaml_text(out, name);
        out += ": ";
        append_yaml_text(out, text);
        out += '\n';
    }
    static void own(std::string& out, std::string_view name, std::string_view text) {
        out += "    ";
        member(out, name, text);
    }
    static void add_attributes(std::string& out, const UserRecord& user) {
        const Json attributes = Json::parse(user.attributes.value_or("{}"));
        if (!attributes.empty())
            out += "    attributes:\n";
        for (const auto& [name, value] : attributes.items()) {
            out += "      ";
            member(out, name, value.get_ref<const std::string&>());
        }
    }
    // Also where there are none: a manifest without them leaves roles as they are.
    static void add_roles(std::string& out, const UserRecord& user) {
        out += "    roles: [";
        for (const std::string& role : user.roles.value_or(std::vector<std::string>())) {
            if (out.back() != '[')
                out += ", ";
            append_yaml_text(out, role);
        }
        out += "]\n";
    }

    std::vector<std::string_view> kept_ = kept_fields();
    std::vector<WriterOptions::Role> roles_;
    bool any_ = false;
};

} // namespace

std::unique_ptr<UserWriter> make_manifest_writer(const WriterOptions& options) {
    return std::make_unique<ManifestWriter>(options.roles);
}

} // namespace auth
