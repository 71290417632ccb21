#include "core/provisioning/seed_users.h"

#include "core/base/deterministic_random.h"
#include "core/base/encoding.h"
#include "core/base/ids.h"
#include "core/base/json.h"
#include "core/base/uuid_sequence.h"
#include "core/keys/imported_key.h"
#include "core/passwords/password.h"
#include "core/sessions/issued_token.h"
#include "core/sessions/sessions_table.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include <array>

namespace auth {
namespace {

// A name as it is written, and in letters that an address may have.
struct Name {
    std::string_view written;
    std::string_view ascii;
};

// Given names and family names of one script go together.
struct People {
    std::array<Name, 5> given;
    std::array<Name, 5> family;
    bool family_first = false;
    std::string_view sexes{};           // "f" or "m" for each given name, if families follow it
    std::array<Name, 5> women_family{}; // the same families, of women
};

constexpr std::array<People, 8> peoples{{
    {.given = {{{"Ann", "ann"},
                {"Björn", "bjorn"},
                {"Chloé", "chloe"},
                {"Ðung", "dung"},
                {"Zoë", "zoe"}}},
     .family = {{{"O'Hara", "ohara"},
                 {"Åse", "ase"},
                 {"Núñez", "nunez"},
                 {"Müller", "mueller"},
                 {"Çelik", "celik"}}}},
    {.given = {{{"Елена", "elena"},
                {"Дмитрий", "dmitrii"},
                {"Олена", "olena"},
                {"Стефан", "stefan"},
                {"Юлия", "iuliia"}}},
     .family = {{{"Орлов", "orlov"},
                 {"Петров", "petrov"},
                 {"Шевченко", "shevchenko"},
                 {"Илић", "ilic"},
                 {"Чехов", "chekhov"}}},
     .sexes = "fmfmf",
     .women_family = {{{"Орлова", "orlova"},
                       {"Петрова", "petrova"},
                       {"Шевченко", "shevchenko"},
                       {"Илић", "ilic"},
                       {"Чехова", "chekhova"}}}},
    {.given = {{{"Ελένη", "eleni"},
                {"Γιώργος", "giorgos"},
                {"Σοφία", "sofia"},
                {"Νίκος", "nikos"},
                {"Μαρία", "maria"}}},
     .family = {{{"Παπαδάκης", "papadakis"},
                 {"Νικολάου", "nikolaou"},
                 {"Ιωάννου", "ioannou"},
                 {"Βλάχος", "vlachos"},
                 {"Κρητικός", "kritikos"}}},
     .sexes = "fmfmf",
     .women_family = {{{"Παπαδάκη", "papadaki"},
                       {"Νικολάου", "nikolaou"},
                       {"Ιωάννου", "ioannou"},
                       {"Βλάχου", "vlachou"},
                       {"Κρητικού", "kritikou"}}}},
    {.given = {{{"太郎", "taro"},
                {"花子", "hanako"},
                {"さくら", "sakura"},
                {"健", "ken"},
                {"ユイ", "yui"}}},
     .family = {{{"山田", "yamada"},
                 {"佐藤", "sato"},
                 {"鈴木", "suzuki"},
                 {"高橋", "takahashi"},
                 {"渡辺", "watanabe"}}},
     .family_first = true},
    {.given = {{{"伟", "wei"}, {"芳", "fang"}, {"娜", "na"}, {"强", "qiang"}, {"丽", "li"}}},
     .family = {{{"王", "wang"}, {"李", "li"}, {"张", "zhang"}, {"刘", "liu"}, {"陈", "chen"}}},
     .family_first = true},
    {.given = {{{"민준", "minjun"},
                {"서연", "seoyeon"},
                {"지훈", "jihoon"},
                {"하은", "haeun"},
                {"수빈", "subin"}}},
     .family = {{{"김", "kim"}, {"이", "lee"}, {"박", "park"}, {"최", "choi"}, {"정", "jung"}}},
     .family_first = true},
    {.given = {{{"فاطمة", "fatima"},
                {"محمد", "muhammad"},
                {"ليلى", "layla"},
                {"يوسف", "yusuf"},
                {"نور", "nour"}}},
     .family = {{{"حداد", "haddad"},
                 {"المصري", "almasri"},
                 {"خوري", "khoury"},
                 {"ناصر", "nasser"},
                 {"سليم", "salim"}}}},
    {.given = {{{"प्रिया", "priya"},
                {"अर्जुन", "arjun"},
                {"नेहा", "neha"},
                {"रोहन", "rohan"},
                {"काव्या", "kavya"}}},
     .family = {{{"शर्मा", "sharma"},
                 {"गुप्ता", "gupta"},
                 {"पटेल", "patel"},
                 {"सिंह", "singh"},
                 {"रेड्डी", "reddy"}}}},
}};

constexpr std::array<std::string_view, 3> domains{"example.org", "example.com", "example.net"};
constexpr std::array<std::string_view, 4> teams{"blue", "green", "red", "yellow"};

template <class List> const auto& one_of(const List& list, Random& random) {
    return list.at(random_below(random, list.size()));
}

bool one_in(std::uint64_t count, Random& random) {
    return random_below(random, count) == 0;
}

class SeedReader final : public UserReader {
  public:
    explicit SeedReader(const SeedPlan& plan)
        : plan_(plan), chance_(plan.seed, "people"), id_random_(plan.seed, "ids"),
          ids_(id_random_, plan.now) {}

    Result<bool> next(UserRecord& record) override {
        if (made_ == plan_.count)
            return false;
        record = person(++made_);
        return true;
    }

  private:
    UserRecord person(std::int64_t number) {
        const People& people = one_of(peoples, chance_);
        const std::size_t first = random_below(chance_, people.given.size());
        const std::size_t last = random_below(chance_, people.family.size());
        const bool woman = !people.sexes.empty() && people.sexes.at(first) == 'f';
        const Name& given = people.given.at(first);
        const Name& family = (woman ? people.women_family : people.family).at(last);
        UserRecord record;
        record.line = number;
        record.id = ids_.next();
        record.username = fmt::format("{}{}", given.ascii, number);
        record.email =
            fmt::format("{}.{}{}@{}", given.ascii, family.ascii, number, one_of(domains, chance_));
        record.name = people.family_first ? fmt::format("{} {}", family.written, given.written)
                                          : fmt::format("{} {}", given.written, family.written);
        record.phone = fmt::format("+1 202 555 {:04}", 100 + number % 100); // kept for fiction
        record.attributes = fmt::format(R"({{"team":"{}"}})", one_of(teams, chance_));
        record.roles.emplace();
        if (one_in(4, chance_))
            record.roles->emplace_back("editor");
        if (one_in(20, chance_))
            record.roles->emplace_back("admin");
        record.verified = !one_in(10, chance_);
        record.disabled = one_in(25, chance_);
        record.created_at = plan_.now - Seconds(random_below(chance_, 365UL * 24 * 3600));
        record.password = generate_password(chance_);
        return record;
    }

    SeedPlan plan_;
    DeterministicRandom chance_;
    DeterministicRandom id_random_;
    UuidSequence ids_;
    std::int64_t made_ = 0;
};

Secret private_jwk(std::string_view seed) {
    DeterministicRandom chance(seed, "key");
    const Secret half = random_bytes(chance, crypto_sign_SEEDBYTES);
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> open{};
    Secret secret(crypto_sign_SECRETKEYBYTES);
    crypto_sign_seed_keypair(open.data(), secret.writable().data(), half.bytes().data());
    return Secret(fmt::format(R"({{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"{}","d":"{}"}})",
                              to_base64url(as_text(open)), to_base64url(half.reveal())));
}

} // namespace

std::unique_ptr<UserReader> seed_people(const SeedPlan& plan) {
    return std::make_unique<SeedReader>(plan);
}

struct SeedTokens::State {
    State(Realm& outer, const SeedPlan& plan, SigningKey signing)
        : chance(plan.seed, "tokens"), realm(outer.with(chance)), key(std::move(signing)) {}
    DeterministicRandom chance;
    Realm realm;
    SigningKey key;
};

SeedTokens::SeedTokens(std::unique_ptr<State> state) : state_(std::move(state)) {}
SeedTokens::SeedTokens(SeedTokens&&) noexcept = default;
SeedTokens::~SeedTokens() = default;

Result<SeedTokens> SeedTokens::begin(Realm& realm, const SeedPlan& plan) {
    const Secret jwk = private_jwk(plan.seed);
    AUTH_CHECK(import_key(realm, jwk, {.algorithm = Algorithm::eddsa}));
    AUTH_TRY(SigningKey key, SigningKey::from_private_jwk(jwk, Algorithm::eddsa));
    return SeedTokens(std::make_unique<State>(realm, plan, std::move(key)));
}

Result<Secret> SeedTokens::next(const UserRecord& person, Seconds life) {
    AUTH_TRY(const Email email, Email::parse(person.email));
    // A second run within the second makes the same sessions again.
    DeterministicRandom ahead = state_->chance;
    sessions_table::remove(state_->realm.database, new_uuid(ahead, state_->realm.now()));
    IssueOrder order;
    order.ttl = life;
    order.key = &state_->key;
    AUTH_TRY(IssuedToken issued, issue_token(state_->realm, email, order));
    return std::move(issued.token);
}

std::string fixture(const UserRecord& person, std::string_view id, const Secret* token) {
    return Json{{"id", id},
                {"email", person.email},
                {"username", *person.username},
                {"name", *person.name},
                {"password", person.password->reveal()},
                {"roles", *person.roles},
                {"verified", *person.verified},
                {"disabled", *person.disabled},
                {"token", token != nullptr ? Json(token->reveal()) : Json()}}
        .dump();
}

} // namespace auth
