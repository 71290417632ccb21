#include "adapters/modules/mail/message.h"

#include "core/base/encoding.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <gmime/gmime.h>
#include <memory>

namespace auth {
namespace {

struct Unref {
    void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T> using Owned = std::unique_ptr<T, Unref>;

Owned<GMimeTextPart> text_part(const char* subtype, const std::string& text) {
    Owned<GMimeTextPart> part(g_mime_text_part_new_with_subtype(subtype));
    g_mime_text_part_set_charset(part.get(), "utf-8");
    g_mime_text_part_set_text(part.get(), text.c_str());
    g_mime_part_set_content_encoding(GMIME_PART(part.get()),
                                     GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    return part;
}

void set_content(GMimeMessage* message, const Mail& mail) {
    const auto text = text_part("plain", mail.body);
    if (mail.html.empty()) {
        g_mime_message_set_mime_part(message, GMIME_OBJECT(text.get()));
        return;
    }
    const auto html = text_part("html", mail.html);
    const Owned<GMimeMultipart> both(g_mime_multipart_new_with_subtype("alternative"));
    g_mime_multipart_set_boundary(both.get(), ("=_" + mail.id).c_str());
    g_mime_multipart_add(both.get(), GMIME_OBJECT(text.get()));
    g_mime_multipart_add(both.get(), GMIME_OBJECT(html.get()));
    g_mime_message_set_mime_part(message, GMIME_OBJECT(both.get()));
}

bool needs_encoding(std::string_view text) {
    constexpr std::size_t longest_word = 60;
    return text.size() > longest_word || text.find("=?") != std::string_view::npos ||
           std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

// RFC 2047: words of at most 75 characters, each on a line of its own, none of which cuts a
// character in two. The library counts characters where it should count bytes.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t most = 45; // bytes, which make 60 of Base64
    std::string out;
    while (!text.empty()) {
        std::size_t size = std::min(most, text.size());
        while (size < text.size() && (text[size] & 0xc0) == 0x80)
            --size;
        out += fmt::format("\n =?utf-8?B?{}?=", to_base64(text.substr(0, size)));
        text.remove_prefix(size);
    }
    return out;
}

void set_raw(GMimeMessage* message, const char* name, const std::string& value) {
    GMimeHeaderList* const headers = g_mime_object_get_header_list(GMIME_OBJECT(message));
    g_mime_header_set_raw_value(g_mime_header_list_get_header(headers, name),
                                (value + "\n").c_str());
}

void set_mailbox(GMimeMessage* message, GMimeAddressType type, const char* header,
                 const Mailbox& mailbox) {
    const std::string name = one_line(mailbox.name);
    const std::string address = one_line(mailbox.address);
    g_mime_message_add_mailbox(message, type, name.empty() ? nullptr : name.c_str(),
                               address.c_str());
    if (needs_encoding(name))
        set_raw(message, header, fmt::format("{}\n <{}>", encoded_words(name), address));
}

void set_subject(GMimeMessage* message, const std::string& subject) {
    g_mime_message_set_subject(message, subject.c_str(), "utf-8");
    if (needs_encoding(subject))
        set_raw(message, "Subject", encoded_words(subject));
}

void set_headers(GMimeMessage* message, const Mail& mail, const Mailbox& from) {
    const std::unique_ptr<GDateTime, decltype(&g_date_time_unref)> date(
        g_date_time_new_from_unix_utc(unix_seconds(mail.created_at)), &g_date_time_unref);
    g_mime_message_set_date(message, date.get());
    g_mime_message_set_message_id(message, (mail.id + "@" + from.domain()).c_str());
    set_mailbox(message, GMIME_ADDRESS_TYPE_FROM, "From", from);
    set_mailbox(message, GMIME_ADDRESS_TYPE_TO, "To", {mail.name, mail.to});
    set_subject(message, one_line(mail.subject));
    // RFC 3834: nobody's holiday answer is wanted.
    g_mime_object_set_header(GMIME_OBJECT(message), "Auto-Submitted", "auto-generated", nullptr);
}

std::string written(GMimeMessage* message, Newline newline) {
    const std::unique_ptr<GMimeFormatOptions, decltype(&g_mime_format_options_free)> format(
        g_mime_format_options_new(), &g_mime_format_options_free);
    g_mime_format_options_set_newline_format(format.get(), newline == Newline::crlf
                                                               ? GMIME_NEWLINE_FORMAT_DOS
                                                               : GMIME_NEWLINE_FORMAT_UNIX);
    const Owned<GMimeStream> stream(g_mime_stream_mem_new());
    g_mime_object_write_to_stream(GMIME_OBJECT(message), format.get(), stream.get());
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

} // namespace

std::string compose(const Mail& mail, const Mailbox& from, Newline newline) {
    g_mime_init();
    const Owned<GMimeMessage> message(g_mime_message_new(FALSE));
    set_headers(message.get(), mail, from);
    set_content(message.get(), mail);
    return written(message.get(), newline);
}

} // namespace auth
