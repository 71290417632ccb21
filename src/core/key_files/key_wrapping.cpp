#include "core/key_files/key_wrapping.h"

#include "core/base/encoding.h"
#include "core/base/text.h"
#include "core/key_files/openssh_key.h"
#include "core/key_files/pem.h"
#include "core/key_files/pem_blocks.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>

namespace auth {
namespace {

constexpr std::string_view dashes = "-----";

// Files of keys that are not read, by what stands in them.
struct OtherForm {
    std::string_view mark;
    std::string_view name;
    const char* conversion = "";
};
constexpr auto other_forms = std::to_array<OtherForm>({
    {"-----BEGIN OPENSSH PRIVATE KEY", "a private key of OpenSSH",
     "write its public half to a file: ssh-keygen -y -f FILE > PUBLIC_FILE"},
    {"---- BEGIN SSH2 PUBLIC KEY", "a public key in the SSH2 form (RFC 4716)",
     "ssh-keygen -i -f FILE > PUBLIC_FILE"},
    {"-----BEGIN CERTIFICATE REQUEST", "a request for a certificate",
     "openssl req -in FILE -pubkey -noout -out PUBLIC_FILE"},
    {"-----BEGIN NEW CERTIFICATE REQUEST", "a request for a certificate",
     "openssl req -in FILE -pubkey -noout -out PUBLIC_FILE"},
    {"-----BEGIN TRUSTED CERTIFICATE", "a certificate with OpenSSL's trust settings",
     "openssl x509 -in FILE -out PEM_FILE"},
    {"-----BEGIN X509 CERTIFICATE", "a certificate under an old name",
     "openssl x509 -in FILE -out PEM_FILE"},
    {"-----BEGIN PKCS7", "a bundle of certificates (PKCS #7)",
     "openssl pkcs7 -in FILE -print_certs -out PEM_FILE"},
    {"-----BEGIN DSA ", "a DSA key, which signs no tokens"},
    {"-----BEGIN PGP ", "a key of OpenPGP, which signs no tokens"},
    {"PuTTY-User-Key-File", "a key of PuTTY", "puttygen FILE -O public-openssh -o PUBLIC_FILE"},
    {"<RSAKeyValue", "an RSA key in XML"},
    {"\xfe\xed\xfe\xed", "a Java key store",
     "keytool -exportcert -rfc -keystore FILE -alias NAME -file PEM_FILE"},
});

// The whole of one SEQUENCE (X.690 section 8.1), which all keys and certificates are.
bool is_sequence(std::string_view bytes) {
    const auto raw = as_bytes(bytes);
    if (raw.size() < 2 || raw[0] != 0x30)
        return false;
    std::size_t head = 2;
    std::size_t length = raw[1];
    if (length >= 0x80) {
        const std::size_t count = length & 0x7fU;
        if (count == 0 || count > 4 || raw.size() < 2 + count)
            return false;
        head += count;
        length = 0;
        for (const unsigned char byte : raw.subspan(2, count))
            length = length << 8U | byte;
    }
    return raw.size() - head == length;
}

bool is_base64(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return is_letter_or_digit(c) || c == '+' || c == '/' || c == '=' ||
               white_space.find(c) != std::string_view::npos;
    });
}

Secret without_blanks(std::string_view text) {
    Secret bare;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(white_space), text.size());
        bare.append(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return bare;
}

// The text with each of these in its place.
Secret replaced(std::string_view text, std::string_view from, std::string_view to) {
    Secret out;
    for (std::size_t at = 0; (at = text.find(from)) != std::string_view::npos;) {
        out.append(text.substr(0, at));
        out.append(to);
        text.remove_prefix(at + from.size());
    }
    out.append(text);
    return out;
}

// Whether a line begins or ends there.
bool begins_line(std::string_view text, std::size_t at) {
    return at == 0 || text[at - 1] == '\n';
}
bool ends_line(std::string_view text, std::size_t at) {
    const std::size_t next = text.find_first_not_of(" \t\r", at);
    return next == std::string_view::npos || text[next] == '\n';
}

struct WrittenBlock {
    std::string_view label;
    std::string_view body;
    bool on_lines = true; // its boundaries are lines of their own
};

// The next block from `at` on, which then is behind it; nothing where none is whole.
std::optional<WrittenBlock> next_written_block(std::string_view text, std::size_t& at) {
    const std::size_t start = text.find(pem::block_start, at);
    if (start == std::string_view::npos)
        return std::nullopt;
    const std::size_t label_at = start + pem::block_start.size();
    const std::size_t label_end = text.find(dashes, label_at);
    if (label_end == std::string_view::npos)
        return std::nullopt;
    const std::string_view label = text.substr(label_at, label_end - label_at);
    const std::string last = fmt::format("-----END {}-----", label);
    const std::size_t body_at = label_end + dashes.size();
    const std::size_t body_end = text.find(last, body_at);
    if (label.size() > 64 || body_end == std::string_view::npos)
        return std::nullopt;
    at = body_end + last.size();
    return WrittenBlock{label, text.substr(body_at, body_end - body_at),
                        begins_line(text, start) && ends_line(text, body_at) &&
                            begins_line(text, body_end)};
}

// PEM as RFC 7468 has it, of blocks whose lines were joined or indented; nothing where all have
// their lines, or where one cannot be told from its surroundings.
std::optional<Secret> with_lines(std::string_view text) {
    Secret out;
    bool changed = false;
    std::size_t at = 0;
    while (text.find(pem::block_start, at) != std::string_view::npos) {
        const auto block = next_written_block(text, at);
        if (!block || !is_base64(block->body))
            return std::nullopt;
        const Secret body = without_blanks(block->body);
        auto der = from_base64(body.reveal());
        if (!der)
            return std::nullopt;
        changed = changed || !block->on_lines;
        out.append(pem::write_block(block->label, *der).reveal());
        wipe(*der);
    }
    return changed ? std::optional(std::move(out)) : std::nullopt;
}

UnwrappedKey unwrap_pem(std::string_view text) {
    const bool escaped = text.find("\\n") != std::string_view::npos;
    Secret lines = escaped ? replaced(replaced(text, "\\r", "").reveal(), "\\n", "\n") : Secret();
    if (escaped)
        text = lines.reveal();
    auto rebuilt = with_lines(text);
    const std::string_view wrapping = escaped   ? "PEM with \\n in place of its line ends"
                                      : rebuilt ? "PEM without its line ends"
                                                : "";
    if (rebuilt)
        return {*std::move(rebuilt), wrapping};
    return {escaped ? std::move(lines) : Secret(text), wrapping};
}

// Base64 without armour: of DER, or of a PEM text.
std::optional<UnwrappedKey> unwrap_base64(std::string_view text) {
    if (text.empty() || !is_base64(text))
        return std::nullopt;
    const Secret bare = without_blanks(text);
    auto plain = from_base64(bare.reveal());
    if (!plain)
        return std::nullopt;
    const Secret bytes(*plain);
    wipe(*plain);
    if (bytes.reveal().starts_with(pem::block_start))
        return UnwrappedKey{std::move(unwrap_pem(bytes.reveal()).text), "base64 of PEM"};
    if (is_sequence(bytes.reveal()))
        if (auto pem = pem_from_der(bytes.reveal()))
            return UnwrappedKey{*std::move(pem), "base64 of DER"};
    return std::nullopt;
}

// From an environment file: the quotes of a value.
std::string_view without_quotes(std::string_view text) {
    for (const char quote : {'"', '\''})
        if (text.size() > 1 && text.front() == quote && text.back() == quote)
            return text.substr(1, text.size() - 2);
    return text;
}

} // namespace

UnwrappedKey unwrap_key(std::string_view given) {
    if (is_sequence(given))
        if (auto pem = pem_from_der(given))
            return {*std::move(pem), "DER"};
    const std::string_view text = trimmed(given, white_space);
    if (text.starts_with('{') || text.starts_with('['))
        return {Secret(given)};
    if (text.find(pem::block_start) != std::string_view::npos)
        return unwrap_pem(without_quotes(text));
    if (auto unwrapped = unwrap_base64(without_quotes(text)))
        return *std::move(unwrapped);
    return {Secret(text)};
}

void add_remark(Remarks& remarks, const UnwrappedKey& key) {
    if (!key.wrapping.empty())
        remarks.push_back(fmt::format("the key was read as {}", key.wrapping));
}

bool holds_public_key(const UnwrappedKey& key) {
    const std::string_view text = key.text.reveal();
    return text.find(pem::block_start) != std::string_view::npos || is_openssh_key(text);
}

Result<Json> public_jwk_from_file(const UnwrappedKey& key) {
    const std::string_view text = key.text.reveal();
    auto jwk = is_openssh_key(text) ? public_jwk_from_openssh(text) : public_jwk_from_pem(text);
    if (!jwk)
        return fail(explained(std::move(jwk).error(), text));
    return jwk;
}

Error explained(Error why, std::string_view text) {
    if (why.code != ErrorCode::usage)
        return why;
    const auto* form = std::ranges::find_if(other_forms, [&](const OtherForm& other) {
        return text.find(other.mark) != std::string_view::npos;
    });
    if (form != other_forms.end())
        return error(ErrorCode::usage, fmt::format("the file is {}", form->name))
            .with_hint(form->conversion);
    if (is_sequence(text))
        return error(ErrorCode::usage,
                     "the file is DER, but neither a key nor a certificate; perhaps PKCS #12")
            .with_hint("openssl pkcs12 -in FILE -nokeys -out PEM_FILE");
    return why;
}

} // namespace auth
