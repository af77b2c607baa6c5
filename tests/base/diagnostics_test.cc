#include "base/diagnostics.h"

#include <doctest/doctest.h>

#include <string>

using namespace fabcast;

TEST_CASE("a mistake is told with its place, the line, a caret and a remedy") {
  Diagnostics diagnostics;
  const int file = diagnostics.add_file("base.scn", "one\natrition = 1 to 4 %/year\n");
  CHECK(diagnostics.ok());
  CHECK(diagnostics.text().empty());
  diagnostics.error({file, 2, 1}, "unknown key 'atrition'", "did you mean 'attrition'?");
  CHECK_FALSE(diagnostics.ok());
  CHECK(diagnostics.count() == 1);
  CHECK(diagnostics.text() ==
        "base.scn:2:1: unknown key 'atrition'; did you mean 'attrition'?\n"
        "    2 | atrition = 1 to 4 %/year\n"
        "      | ^\n");
}

TEST_CASE("mistakes come ordered by file, line and column, repeats once") {
  Diagnostics diagnostics;
  const int a = diagnostics.add_file("a", "x\ny\n");
  const int b = diagnostics.add_file("b", "z");
  diagnostics.error({b, 1, 1}, "in b");
  diagnostics.error({a, 2, 1}, "third");
  diagnostics.error({a, 1, 2}, "second");
  diagnostics.error({a, 1, 1}, "first");
  diagnostics.error({a, 1, 2}, "second");
  diagnostics.error({a, 1, 2}, "second again");
  diagnostics.error({a, 0, 0}, "whole file");
  diagnostics.error({}, "no file");
  CHECK(diagnostics.text() ==
        "no file\n"
        "a: whole file\n"
        "a:1:1: first\n    1 | x\n      | ^\n"
        "a:1:2: second\n    1 | x\n      |  ^\n"
        "a:1:2: second again\n    1 | x\n      |  ^\n"
        "a:2:1: third\n    2 | y\n      | ^\n"
        "b:1:1: in b\n    1 | z\n      | ^\n");
}

TEST_CASE("columns count characters, and the caret stands below the right one") {
  Diagnostics diagnostics;
  const int file = diagnostics.add_file("f", "标题\t= x\r\n");
  diagnostics.error({file, 1, 6}, "here");
  CHECK(diagnostics.text() == "f:1:6: here\n    1 | 标题 = x\n      |      ^\n");
}

TEST_CASE("no control character reaches the terminal") {
  Diagnostics diagnostics;
  const int file = diagnostics.add_file("f\x1b[2J", "a\x1b]0;x\x07 \xff\xc2\x9b q\n");
  diagnostics.error({file, 1, 10}, "bad \x1b[31m", "remedy\x07");
  const std::string text = diagnostics.text();
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find("\xc2\x9b") == std::string::npos);
  CHECK(diagnostics.file_name(file) == "f\\x1B[2J");
  // The caret moves with what the escapes add: column 10 is "\xC2\x9B".
  CHECK(text ==
        "f\\x1B[2J:1:10: bad \\x1B[31m; remedy\\x07\n"
        "    1 | a\\x1B]0;x\\x07 \\xFF\\xC2\\x9B q\n"
        "      |                   ^\n");
}

TEST_CASE("a long line is cut to a window that holds the caret") {
  std::string line(300, 'a');
  line[249] = 'X';
  Diagnostics diagnostics;
  const int file = diagnostics.add_file("f", line + "\n" + std::string(100, 'b') + "\n");
  diagnostics.error({file, 1, 250}, "at X");
  diagnostics.error({file, 1, 3}, "near the start");
  diagnostics.error({file, 2, 100}, "fits");
  CHECK(diagnostics.text() ==
        "f:1:3: near the start\n    1 | " + std::string(99, 'a') + "…\n      |   ^\n" +
            "f:1:250: at X\n    1 | …" + std::string(50, 'a') + "X" + std::string(47, 'a') +
            "…\n      | " + std::string(51, ' ') + "^\n" + "f:2:100: fits\n    2 | …" +
            std::string(51, 'b') + "\n      | " + std::string(51, ' ') + "^\n");
}

TEST_CASE("a line of the greatest length is quoted quickly, in many mistakes") {
  Diagnostics diagnostics;
  const int file = diagnostics.add_file("f", std::string(65536, '\x01'));
  for (int column = 1; column <= 65536; column += 256) diagnostics.error({file, 1, column}, "m");
  CHECK(diagnostics.text().size() < 256u * 300u);
}

TEST_CASE("throw_if_any throws the whole text, and only where there is a mistake") {
  Diagnostics diagnostics;
  CHECK_NOTHROW(diagnostics.throw_if_any());
  diagnostics.error({}, "wrong", "do right");
  CHECK_THROWS_WITH_AS(diagnostics.throw_if_any(), "wrong; do right\n1 mistake", InputError);
}

TEST_CASE("escaped text is printable, valid UTF-8 and cut") {
  CHECK(escaped("plain µm 芯片") == "plain µm 芯片");
  CHECK(escaped(std::string_view("a\0b\n\t\x7f", 6)) == "a\\x00b\\x0A\\x09\\x7F");
  CHECK(escaped("\xc0\xaf") == "\\xC0\\xAF");                    // overlong
  CHECK(escaped("\xed\xa0\x80") == "\\xED\\xA0\\x80");           // surrogate
  CHECK(escaped("\xf4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80");  // beyond U+10FFFF
  CHECK(escaped("\xe2\x82") == "\\xE2\\x82");                    // cut off
  CHECK(escaped("\xe2\x80\xae") == "\\xE2\\x80\\xAE");           // right-to-left override
  CHECK(escaped("12345", 5) == "12345");
  CHECK(escaped("123456", 5) == "1234…");
  CHECK(escaped("123\x01", 5) == "123…");
  CHECK(escaped("abc", 0).empty());
  CHECK(escaped(std::string(100, 'x')) == std::string(59, 'x') + "…");
}

TEST_CASE("the nearest name is found, or none where none is near") {
  const std::vector<std::string_view> known{"attrition", "availability", "imported", "plan", "lag"};
  CHECK(nearest_name("atrition", known) == "attrition");
  CHECK(nearest_name("attritoin", known) == "attrition");  // a transposition counts one
  CHECK(nearest_name("imprted", known) == "imported");
  CHECK(nearest_name("lga", known) == "lag");  // allowed: one of three
  CHECK(nearest_name("PLAN", known) == "plan");
  CHECK(nearest_name("price", known).empty());
  CHECK(nearest_name("", known).empty());
  CHECK(nearest_name("x", {"y"}).empty());
  CHECK(nearest_name("plan", {}).empty());
  CHECK(nearest_name("abcdef", {"abcxyz", "abcdxy"}) == "abcdxy");
  CHECK(nearest_name("abcdef", {"abcxyz"}).empty());
}
