#include "core/keys/key_lifecycle.h"
#include "core/keys/signing_key.h"
#include "core/sessions/access.h"
#include "core/trail/row_proof.h"
#include "support/catch.h"
#include "support/test_trail.h"

using namespace auth;
using test::Trail;

namespace {

struct Proved : Trail {
    explicit Proved(int rows = 8) : Trail(rows) {}
    std::string prove(std::int64_t seq, const std::vector<std::string>& names = {}) {
        std::vector<std::filesystem::path> files;
        for (const std::string& name : names)
            files.push_back(file(name));
        const auto proof = prove_row(realm(), seq, files);
        return proof ? to_json(*proof).value().dump() + "\n" : proof.error().message;
    }
    Result<RowProof> checked(const std::string& text) {
        return check_proof(text, checkpoint_keys(published()).value());
    }
    std::string problem(const std::string& text) {
        const auto proof = checked(text);
        return proof ? "" : proof.error().message;
    }
};

} // namespace

TEST_CASE("every row is proved, with nothing but the published keys") {
    Proved trail(20);
    for (std::int64_t seq = 1; seq <= trail.rows(); ++seq) {
        CAPTURE(seq);
        const std::string text = trail.prove(seq);
        const auto proof = trail.checked(text);
        REQUIRE(proof);
        CHECK(proof->row.seq == seq);
        CHECK(proof->index == seq - 1);
        CHECK(proof->checkpoint.checkpoint.size == trail.rows());
        CHECK(proof->checkpoint.checkpoint.database_id == trail.meta().database_id);
        CHECK(proof->checkpoint.checkpoint.at == trail.clock.now());
        CHECK(trail.problem(Json::parse(text).dump(2) + "\n").empty());
    }
    CHECK(trail.prove(trail.rows() + 1) ==
          "the audit log has no row with number " + std::to_string(trail.rows() + 1));
    CHECK(trail.prove(0) == "the audit log has no row with number 0");
}

TEST_CASE("every altered byte of a proof is found") {
    Proved trail(5);
    const std::string text = trail.prove(4);
    REQUIRE(trail.problem(text).empty());
    const auto keys = checkpoint_keys(trail.published()).value();
    for (std::size_t i = 0; i < text.size(); ++i)
        for (const int bit : {1, 32}) {
            CAPTURE(i, bit);
            std::string altered = text;
            altered[i] = static_cast<char>(altered[i] ^ bit);
            REQUIRE_FALSE(check_proof(altered, keys));
        }
    for (std::size_t size = 0; size < text.size(); ++size)
        REQUIRE_FALSE(check_proof(text.substr(0, size), keys));
    CHECK_FALSE(check_proof(text + " ", keys));
    CHECK_FALSE(check_proof("{}\n", keys));
    CHECK_FALSE(check_proof("[]", keys));
}

TEST_CASE("a proof does not hold for another row, tree or key") {
    Proved trail(6);
    Json one = Json::parse(trail.prove(3));
    Json two = Json::parse(trail.prove(4));
    const auto refused = [&](const Json& proof) { return trail.problem(proof.dump() + "\n"); };
    for (const char* member : {"row", "previous", "index", "path"}) {
        CAPTURE(member);
        Json mixed = one;
        mixed[member] = two[member];
        CHECK_FALSE(refused(mixed).empty());
    }
    trail.add(1);
    Json later = one;
    later["checkpoint"] = Json::parse(trail.prove(3)).at("checkpoint");
    CHECK(refused(later) == "row 3 is not in the audit log of the checkpoint");
    Proved other(6);
    CHECK(other.problem(one.dump() + "\n").find("the checkpoint cannot be trusted: ") == 0);
    // A row without the digest of its detail, which then takes the detail's place.
    Json stripped = one;
    stripped["row"]["detail"] = one["row"]["detail_digest"];
    stripped["row"]["detail_digest"] = nullptr;
    stripped["row"]["salt"] = nullptr;
    CHECK(refused(stripped) == "row 3 does not say what was recorded");
}

TEST_CASE("a row is proved without its erased detail, and an old one is not") {
    Proved trail;
    trail.erase("user0");
    const auto seq = trail.count("SELECT min(seq) FROM audit WHERE salt IS NULL");
    const auto proof = trail.checked(trail.prove(seq));
    REQUIRE(proof);
    CHECK(proof->row.detail == R"({"erased":true})");
    CHECK_FALSE(proof->row.salt);
}

TEST_CASE("rows in archives are proved with their file") {
    Proved trail(20);
    REQUIRE(trail.archive("1", 15) != "none");
    REQUIRE(trail.archive("2", 9) != "none");
    REQUIRE(trail.archive("3", 5) != "none");
    const auto records = audit_archives_table::all(trail.database());
    for (std::int64_t seq = 1; seq <= trail.rows(); ++seq) {
        CAPTURE(seq);
        std::vector<std::string> needed;
        for (const AuditArchive& archive : records)
            if (needed.empty() && seq <= archive.last_seq)
                needed = {std::to_string(archive.number)};
        if (!needed.empty())
            CHECK(trail.prove(seq) ==
                  "row " + std::to_string(seq) + " is in audit archive " + needed.front());
        CHECK(trail.problem(trail.prove(seq, needed)).empty());
        CHECK(trail.problem(trail.prove(seq, {"1", "2", "3"})).empty());
    }
}

TEST_CASE("a checkpoint shows later whether the log was cut or rewritten") {
    Trail trail;
    const auto note = make_checkpoint(trail).value();
    const auto keys = checkpoint_keys(trail);
    const auto read = read_checkpoint(note.text, keys);
    REQUIRE(read);
    CHECK(read->checkpoint.root == note.checkpoint.root);
    CHECK(read->checkpoint.lanes == note.checkpoint.lanes);
    const Checkpoint& checkpoint = read->checkpoint;
    CHECK(trail.check({}, checkpoint).empty());
    trail.add(4);
    CHECK(trail.check({}, checkpoint).empty());
    REQUIRE(trail.archive("1", 7) != "none");
    CHECK(trail.check({}, checkpoint).empty());
    CHECK(trail.check({"1"}, checkpoint).empty());
    REQUIRE(trail.archive("2", 2) != "none");
    CHECK(trail.check({}, checkpoint).find("is needed for this checkpoint") != std::string::npos);
    CHECK(trail.check({"1", "2"}, checkpoint).empty());

    Trail shorter(3);
    Checkpoint wrong = checkpoint;
    wrong.database_id = shorter.meta().database_id;
    CHECK(shorter.check({}, wrong).find("the audit trail was cut: it has ") == 0);
    wrong.size = 2;
    CHECK(shorter.check({}, wrong).find("the audit trail was rewritten: its first 2 rows") == 0);
    wrong.database_id = "another";
    CHECK(shorter.check({}, wrong).find("the checkpoint is of another database") == 0);
}

TEST_CASE("no row is signed for in a log that is broken") {
    Trail trail;
    trail.execute("UPDATE audit SET actor = 'x' WHERE seq = 4");
    CHECK(make_checkpoint(trail).error().message.find("row 4 was altered") != std::string::npos);
    CHECK(prove_row(trail, 2, {}).error().code == ErrorCode::database_corrupt);
}

TEST_CASE("a checkpoint is refused as a token, and a token as a checkpoint") {
    Trail trail;
    const auto note = make_checkpoint(trail).value();
    const SigningKey key = current_signing_key(trail).value();
    const auto problem = [&](const std::string& text) {
        const auto read = read_checkpoint(text, checkpoint_keys(trail));
        return read ? "" : read.error().reason;
    };
    CHECK(problem(note.text).empty());
    const Json claims = parse_token(note.text)->claims;
    CHECK(problem(sign_token(key, access_type, claims)) == "wrong_type");
    CHECK(problem(sign_token(key, "", claims)) == "wrong_type");
    for (const auto& [name, value] : claims.items()) {
        CAPTURE(name);
        Json less = claims;
        less.erase(name);
        CHECK(problem(sign_token(key, checkpoint_type, less)) == "bad_claim");
    }
    Json more = claims;
    more["exp"] = 1;
    CHECK(problem(sign_token(key, checkpoint_type, more)) == "bad_claim");
    CHECK(problem(sign_token(SigningKey::generate(Algorithm::es256), checkpoint_type, claims)) ==
          "unknown_key");
    for (const TokenUse use : {TokenUse::act, TokenUse::renew, TokenUse::end, TokenUse::verify,
                               TokenUse::identify, TokenUse::look})
        for (const std::string_view type : {access_type, checkpoint_type}) {
            CAPTURE(type);
            Question question = own_question(trail.settings, use, trail.clock.now());
            question.expected.own.type = type;
            TokenJudge judge(trail.realm(), std::move(question));
            CHECK_FALSE(judge.judge(note.text)->verdict.valid());
        }
}

TEST_CASE("checkpoints need a key that is published") {
    Trail trail;
    const auto note = make_checkpoint(trail).value();
    trail.execute("UPDATE signing_keys SET revoked_at = 1000");
    CHECK(read_checkpoint(note.text, checkpoint_keys(trail)).error().reason == "revoked_key");
    CHECK_FALSE(make_checkpoint(trail));
}
