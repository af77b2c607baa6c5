#include "scenario/document.h"

#include <doctest/doctest.h>

namespace fabcast {

namespace {

struct Read {
  Diagnostics diagnostics;
  Document document;
};

Read read(const std::string& text) {
  Read result;
  const int file = result.diagnostics.add_file("test.scn", text);
  result.document = read_document(file, text, result.diagnostics);
  return result;
}

Read read_sets(const std::vector<std::string>& lines) {
  Read result;
  const int file = result.diagnostics.add_file("--set", "");
  result.document = read_set_lines(file, lines, result.diagnostics);
  return result;
}

void check_place(SourcePosition at, int line, int column) {
  CHECK(at.line == line);
  CHECK(at.column == column);
}

}  // namespace

TEST_CASE("document: sections, keys and values with their places") {
  const Read result =
      read("extends = base.scn\n\n[fab.SN2]  # a line\nplan   = 12k  # wafers\nnode=N+2\n");
  REQUIRE(result.diagnostics.text() == "");
  CHECK(result.document.complete);
  REQUIRE(result.document.extends);
  CHECK(result.document.extends->value.text() == "base.scn");
  REQUIRE(result.document.sections.size() == 1);
  const DocumentSection& fab = result.document.sections[0];
  CHECK(fab.kind == "fab");
  CHECK(fab.entity == "SN2");
  check_place(fab.at, 3, 1);
  REQUIRE(fab.lines.size() == 2);
  CHECK(fab.lines[0].key == "plan");
  check_place(fab.lines[0].key_at, 4, 1);
  CHECK(fab.lines[0].value.text() == "12k");
  check_place(fab.lines[0].value_at, 4, 10);
  CHECK(fab.lines[1].value.text() == "N+2");
  check_place(fab.lines[1].value_at, 5, 6);
}

TEST_CASE("document: an entity of two parts keeps its dot, and so do keys") {
  const Read result = read("[tool.SN2.immersion]\nbin.full = 5\n");
  CHECK(result.document.sections[0].kind == "tool");
  CHECK(result.document.sections[0].entity == "SN2.immersion");
  CHECK(result.document.sections[0].lines[0].key == "bin.full");
}

TEST_CASE("document: a value goes on over indented lines, comments and blank lines between") {
  const Read result = read(
      "[fab.SN2]\nplan =   # on the next lines\n\n   2025-01: 1k |\n# not the end\n\t2026-01: 2k\n"
      "node = n\n");
  REQUIRE(result.diagnostics.text() == "");
  const KeyLine& plan = result.document.sections[0].lines[0];
  CHECK(folded(plan.value.text()) == "2025-01: 1k | 2026-01: 2k");
  check_place(plan.value_at, 4, 4);
  check_place(plan.value.at(plan.value.text().find("2k")), 6, 11);
  CHECK(result.document.sections[0].lines.size() == 2);
}

TEST_CASE("document: columns count characters, not bytes") {
  const Read result = read("[scenario]\ntitle = für ± 5 \x01\n");
  CHECK(result.diagnostics.text().find("test.scn:2:17: the byte \\x01") != std::string::npos);
}

TEST_CASE("document: pairs in [correlate] have one identity whichever comes first") {
  const Read result = read("[correlate]\nb.x~a.y = 0.5\n");
  const KeyLine& pair = result.document.sections[0].lines[0];
  CHECK(pair.key == "b.x");
  CHECK(pair.partner == "a.y");
  check_place(pair.partner_at, 2, 5);
  CHECK(pair.identity() == "a.y ~ b.x");
}

TEST_CASE("document: CR LF is LF, and the last line needs no end") {
  const Read result = read("[scenario]\r\ntitle = a\r\n  b");
  REQUIRE(result.diagnostics.text() == "");
  CHECK(folded(result.document.sections[0].lines[0].value.text()) == "a b");
}

TEST_CASE("document: a line holds 64 KiB and no byte more") {
  const std::string start = "[scenario]\ntitle = a #";
  const size_t used = std::string("title = a #").size();
  CHECK(read(start + std::string(most_line_bytes - used, 'x')).diagnostics.ok());
  CHECK(read(start + std::string(most_line_bytes - used + 1, 'x')).diagnostics.count() == 1);
}

TEST_CASE("document: a value holds 32 KiB over all its lines and no byte more") {
  const std::string start = "[scenario]\ntitle = a\n  ";  // the line break counts one
  CHECK(read(start + std::string(most_value_bytes - 2, 'x')).diagnostics.ok());
  CHECK(read(start + std::string(most_value_bytes - 1, 'x')).diagnostics.count() == 1);
}

TEST_CASE("document: a broken value is told once, and its key counts as given") {
  const Read result = read("[fab.SN2]\nplan = \x02\n  and more\nnode = n\n");
  CHECK(result.diagnostics.count() == 1);
  REQUIRE(result.document.sections[0].lines.size() == 2);
  CHECK(result.document.sections[0].lines[0].broken);
  CHECK_FALSE(result.document.sections[0].lines[1].broken);
  CHECK(result.document.complete);
}

TEST_CASE("document: lines that may have been anything leave it incomplete") {
  for (const char* text :
       {"[fab.SN2]\nplan 12k\n", "[fab SN2]\n", "[fab.SN2]\n= 5\n", "plan = 5\n"}) {
    CAPTURE(text);
    const Read result = read(text);
    CHECK(result.diagnostics.count() == 1);
    CHECK_FALSE(result.document.complete);
  }
}

TEST_CASE("document: a file of nonsense is not read to its end") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "nonsense\n";
  const Read result = read(text);
  CHECK(result.diagnostics.count() == 201);
  CHECK(result.diagnostics.text().find("the rest of this file was not read") != std::string::npos);
}

TEST_CASE("document: --set takes full keys and pairs") {
  const Read result = read_sets({"fab.SN2.plan=12k # so", "tool.SN2.dry.passes = 3",
                                 "die.a.bin.full = 5", "scenario.title = a = b", "view.nikkei = 1",
                                 "view.memory.bold = 2", "question.q = npus.shipped >= 5 by 2025",
                                 "source.a.b-1.url = http", "fab.SN2.plan ~ fab.SN1.plan = 0.5"});
  REQUIRE(result.diagnostics.text() == "");
  std::vector<std::string> keys;
  for (const DocumentSection& section : result.document.sections) {
    for (const KeyLine& line : section.lines) {
      keys.push_back("[" + section.name() + "] " + line.identity() + " = " + line.value.text());
    }
  }
  CHECK(keys == std::vector<std::string>{
                    "[fab.SN2] plan = 12k", "[tool.SN2.dry] passes = 3", "[die.a] bin.full = 5",
                    "[scenario] title = a = b", "[view] nikkei = 1", "[view.memory] bold = 2",
                    "[question] q = npus.shipped >= 5 by 2025", "[source.a.b-1] url = http",
                    "[correlate] fab.SN1.plan ~ fab.SN2.plan = 0.5"});
}

TEST_CASE("document: --set that sets nothing is told with its remedy") {
  const Read result =
      read_sets({"fab.SN2.plan", "fab.SN2=5", "fabb.SN2.plan=5", "plan=5",
                 "fab.SN2.start=", "fab.SN2.plan=1\n2", "fab.SN2.wip=a", "fab.SN2.wip=b"});
  const std::string text = result.diagnostics.text();
  CAPTURE(text);
  CHECK(result.diagnostics.count() == 7);
  for (const char* part :
       {"--set:1:1: 'fab.SN2.plan' sets nothing; --set takes KEY=VALUE",
        "--set:2:1: 'fab.SN2' is not a full key; write fab.NAME.KEY",
        "--set:3:1: 'fabb.SN2.plan' is not a full key: no kind of section is called 'fabb'; did "
        "you "
        "mean 'fab'?",
        "--set:4:1: 'plan' is not a full key", "--set:5:15: 'start' has no value",
        "--set:6:15: the byte \\x0A cannot stand here",
        "--set:8:1: 'wip' is given twice; it was first set on line 7"}) {
    CHECK(text.find(part) != std::string::npos);
  }
}

}  // namespace fabcast
