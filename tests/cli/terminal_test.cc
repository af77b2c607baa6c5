/// What a person sees on a terminal: colour, sparklines, width; and --help on any.

#include <doctest/doctest.h>
#include <pty.h>
#include <unistd.h>

#include <sstream>

#include "support/program.h"

using namespace fabcast::testing;

namespace {

/// What `fabcast ARGUMENTS` shows on a terminal of so many columns, without notes.
std::string on_terminal(const std::string& folder, const std::string& arguments,
                        const std::string& environment, unsigned short columns) {
  struct winsize size {};
  size.ws_row = 50;
  size.ws_col = columns;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    const std::string command = "cd '" + folder +
                                "' && exec env -u NO_COLOR -u LC_ALL -u LC_CTYPE " + environment +
                                " '" FABCAST_PROGRAM "' " + arguments + " 2>/dev/null";
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string shown;
  char buffer[4096];
  for (ssize_t n; (n = read(terminal, buffer, sizeof buffer)) > 0;) {
    shown.append(buffer, static_cast<size_t>(n));
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  REQUIRE(status == 0);
  std::string lines;  // a terminal ends them with CR LF
  for (const char c : shown) {
    if (c != '\r') lines += c;
  }
  return lines;
}

/// Characters of the longest line, without ANSI sequences.
size_t widest(const std::string& text) {
  size_t most = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    size_t columns = 0;
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i] == '\x1b') {
        i = line.find('m', i);
        continue;
      }
      columns += (line[i] & 0xc0) != 0x80;
    }
    most = std::max(most, columns);
  }
  return most;
}

}  // namespace

TEST_CASE("terminal: colour and sparklines where they can be shown, and nowhere else") {
  const TemporaryFolder folder;
  folder.write("hand.scn", read_text(hand_scenario()));
  const std::string run = "run hand.scn -n 10 --force --out r";
  const struct {
    std::string environment;
    bool colour, blocks;
  } cases[] = {{"TERM=xterm LANG=en_US.UTF-8", true, true},
               {"TERM=xterm LANG=C LC_ALL=C.utf8", true, true},
               {"TERM=xterm LANG=C.UTF-8 LC_CTYPE=C", true, false},
               {"TERM=xterm LANG=", true, false},
               {"TERM=xterm LANG=C.UTF-8 NO_COLOR=1", false, true},
               {"TERM=dumb LANG=C.UTF-8", false, false}};
  for (const auto& c : cases) {
    CAPTURE(c.environment);
    const std::string shown = on_terminal(folder.path(), run, c.environment, 100);
    CHECK(has(shown, "Worked out by hand"));
    CHECK(has(shown, "\x1b[") == c.colour);
    CHECK(has(shown, "█") == c.blocks);
    CHECK(has(shown, "bars: P50 by quarter") == c.blocks);
  }
  // By quarter 3,200, then 4,800 seven times.
  CHECK(has(on_terminal(folder.path(), run, "TERM=xterm LANG=C.UTF-8 NO_COLOR=1", 100),
            "  ▆███████ "));
  // Piped: neither.
  const ProgramRun piped = run_program(folder.path(), run, "LANG=C.UTF-8");
  CHECK_FALSE(has(piped.output, "\x1b["));
  CHECK_FALSE(has(piped.output, "█"));
}

TEST_CASE("terminal: no line is wider than the terminal, from 80 columns to 100") {
  const TemporaryFolder folder;
  const std::string library =
      "FABCAST_SCENARIOS='" FABCAST_SOURCE_FOLDER "/scenarios' TERM=xterm LANG=C.UTF-8 ";
  for (const unsigned short columns : {80, 90, 100, 200}) {
    CAPTURE(columns);
    for (const std::string command : {"run baseline -n 64 --relax --out r --force",
                                      "compare baseline no-controls -n 64 --force",
                                      "run baseline -n 64 --precision 90% --out r --force"}) {
      CAPTURE(command);
      const size_t most = widest(on_terminal(folder.path(), command, library, columns));
      CHECK(most <= std::min<size_t>(columns, 100));
      CHECK(most > 70);
    }
  }
}

TEST_CASE("--help of every command fits 80 columns, its options in groups") {
  const TemporaryFolder folder;
  for (const std::string command :
       {"", "run", "compare", "backtest", "check", "explain", "list", "die", "dist"}) {
    CAPTURE(command);
    const ProgramRun help = run_program(folder.path(), command + " --help");
    CHECK(help.status == 0);
    std::string text = help.output;
    text.resize(std::min(text.find("Example:\n"), text.size()));  // lines to be copied are whole
    CHECK(widest(text) <= 80);
  }
  const std::string run = run_program(folder.path(), "run --help").output;
  const size_t simulation = run.find("\nSimulation:\n"), results = run.find("\nResults:\n"),
               screen = run.find("\nOn the screen:\n");
  CHECK(simulation < run.find("--precision"));
  CHECK(run.find("--precision") < results);
  CHECK(results < run.find("--keep-trials"));
  CHECK(run.find("--keep-trials") < screen);
  CHECK(screen < run.find("--quiet"));
}

TEST_CASE("fabcast --help and the README tell the same exit statuses") {
  const TemporaryFolder folder;
  const std::string help = run_program(folder.path(), "--help").output;
  const std::string readme = read_text(FABCAST_SOURCE_FOLDER "/README.md");
  for (const std::string status : {"0", "1", "2", "3", "4", "5", "6", "7", "130"}) {
    CAPTURE(status);
    CHECK((has(help, " " + status + " ") || has(help, "\n" + status + " ")));
    CHECK((has(readme, "\n| " + status + " |") || has(readme, "\n| " + status + ", ") ||
           has(readme, ", " + status + " |")));
  }
}
