#include "core/key_files/pem_blocks.h"

#include "core/base/encoding.h"
#include "core/jose/jwk_openssl.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <optional>

namespace auth::pem {
namespace {

using Input = std::unique_ptr<BIO, openssl::Free<BIO_free>>;

constexpr std::size_t max_size = 1024UL * 1024;

// Nothing at the end of the text. OpenSSL decrypts nothing here, so it asks nobody for a
// passphrase.
Result<std::optional<Block>> next_block(BIO* input) {
    char* label = nullptr;
    char* headers = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio_ex(input, &label, &headers, &data, &size, PEM_FLAG_SECURE) != 1) {
        if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
            return std::nullopt;
        return fail(ErrorCode::usage, "the PEM text is malformed");
    }
    const auto bytes = static_cast<std::size_t>(size);
    Block block{label, std::string_view(headers).find("ENCRYPTED") != std::string_view::npos,
                Secret(as_text({data, bytes}))};
    block.encrypted = block.encrypted || block.label == "ENCRYPTED PRIVATE KEY";
    OPENSSL_secure_free(label);
    OPENSSL_secure_free(headers);
    OPENSSL_secure_clear_free(data, bytes);
    return block;
}

} // namespace

Result<std::vector<Block>> read_blocks(std::string_view text) {
    const openssl::ErrorMark mark;
    if (text.size() > max_size)
        return fail(ErrorCode::usage, fmt::format("the PEM text is over {} bytes", max_size));
    const Input input(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    std::vector<Block> blocks;
    while (true) {
        AUTH_TRY(auto block, next_block(input.get()));
        if (!block)
            return blocks;
        if (block->label != "EC PARAMETERS")
            blocks.push_back(*std::move(block));
    }
}

Secret write_block(std::string_view label, std::string_view der) {
    constexpr std::size_t width = 64;
    std::string encoded = to_base64(der);
    Secret text(fmt::format("-----BEGIN {}-----\n", label));
    for (std::string_view rest = encoded; !rest.empty();
         rest.remove_prefix(std::min(width, rest.size()))) {
        text.append(rest.substr(0, width));
        text.append("\n");
    }
    wipe(encoded);
    text.append(fmt::format("-----END {}-----\n", label));
    return text;
}

} // namespace auth::pem
