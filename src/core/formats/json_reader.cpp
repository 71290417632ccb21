#include "core/formats/json_pieces.h"
#include "core/formats/json_user.h"
#include "core/formats/own_readers.h"
#include "core/formats/record_fields.h"

namespace auth {
namespace {

class JsonReader : public UserReader {
  public:
    explicit JsonReader(std::unique_ptr<JsonPieces> pieces) : pieces_(std::move(pieces)) {}

    Result<bool> next(UserRecord& record) override {
        JsonPiece piece;
        AUTH_TRY(const bool more, pieces_->next(piece));
        if (!more)
            return false;
        record.line = piece.line;
        if (!piece.error) {
            parser_.read(piece.text, record);
        } else {
            record.email.clear();
            mark_failed(record, *std::move(piece.error));
        }
        return true;
    }

  private:
    std::unique_ptr<JsonPieces> pieces_;
    JsonUserParser parser_;
};

} // namespace

Result<std::unique_ptr<UserReader>> open_json(ByteSource source) {
    AUTH_TRY(auto pieces, cut_json(std::move(source), "users", true));
    return std::make_unique<JsonReader>(std::move(pieces));
}

} // namespace auth
