#include "cli/session.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/comma_list.h"
#include "base/diagnostics.h"
#include "report/terminal.h"

namespace fabcast::cli {

namespace {

volatile sig_atomic_t signal_seen = 0;

void note_signal(int signal) { signal_seen = signal; }

std::string quoted(const std::string& argument) {
  if (argument.find_first_of(" \t'\"$&|;<>()*?#~") == std::string::npos && !argument.empty()) {
    return argument;
  }
  std::string text = "'";
  for (char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

/// A bar on standard error for anything over a second, on a terminal only.
class ProgressBar {
 public:
  ProgressBar(uint64_t trials, bool quiet);
  ~ProgressBar() { clear(); }
  void update(uint64_t done);
  void clear();

 private:
  uint64_t trials_;
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_ = start_;
};

ProgressBar::ProgressBar(uint64_t trials, bool quiet)
    : trials_(trials), shown_(!quiet && isatty(2)) {}

void ProgressBar::update(uint64_t done) {
  using namespace std::chrono;
  const auto now = steady_clock::now();
  if (!shown_ || now - start_ < seconds(1) || now - last_ < milliseconds(200)) return;
  last_ = now;
  const double share = static_cast<double>(done) / static_cast<double>(trials_);
  const double elapsed = duration<double>(now - start_).count();
  constexpr int width = 30;
  const int full = static_cast<int>(share * width);
  fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {:3.0f}%  {} trials, {}/s, {:.0f} s left \x1b[K", "", full,
             "", width - full, 100 * share, short_number(static_cast<double>(done)),
             short_number(static_cast<double>(done) / elapsed), elapsed * (1 / share - 1));
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace

void add_run_options(Options& options) {
  namespace po = boost::program_options;
  options.add().add_options()("trials,n", po::value<std::string>()->default_value("10k"),
                              "histories to simulate")(
      "seed", po::value<std::string>()->default_value("1"), "seed of all draws")(
      "threads", po::value<std::string>()->default_value("0"), "threads; 0: all cores")(
      "set", po::value<std::vector<std::string>>(),
      "KEY=VALUE over the file, any scenario syntax; may be repeated")(
      "force", "replace the run that the directory holds")("quiet,q",
                                                           "no summary, no progress bar")(
      "json", "print the summary as one JSON object on standard output");
}

RunRequest run_request(const Options& options, const std::string& command,
                       const Arguments& arguments) {
  RunRequest request;
  request.trials = whole_number("--trials", options.get<std::string>("trials"), 1, 1'000'000'000);
  request.seed = whole_number("--seed", options.get<std::string>("seed"), 0, 1ull << 53);
  request.threads =
      static_cast<int>(whole_number("--threads", options.get<std::string>("threads"), 0, 4096));
  request.scenario.sets = options.list("set");
  request.command = command_text(command, arguments);
  return request;
}

std::string command_text(const std::string& command, const Arguments& arguments) {
  std::string text = command;
  for (const std::string& argument : arguments) text += ' ' + quoted(argument);
  return text;
}

WriteOptions formats(const std::string& list) {
  WriteOptions options;
  options.csv = options.npy = false;
  std::vector<std::string_view> names = comma_list(list);
  if (names.empty()) names.emplace_back();  // which is no format either
  for (const std::string_view name : names) {
    if (name == "csv") {
      options.csv = true;
    } else if (name == "npy") {
      options.npy = true;
    } else {
      throw InputError(
          fmt::format("--format: '{}' is not a format of this version; give csv, npy or "
                      "csv,npy",
                      escaped(name)));
    }
  }
  return options;
}

void note_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second Ctrl-C ends it at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

int stop_signal() { return static_cast<int>(signal_seen); }

bool colour_on(int file) {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(file) && !(no_colour && *no_colour);
}

bool with_progress(uint64_t trials, bool quiet, const std::string& command,
                   const std::function<void(const Progress&)>& work) {
  ProgressBar bar(trials, quiet);
  try {
    work([&bar](uint64_t done) {
      bar.update(done);
      return stop_signal() == 0;
    });
  } catch (const Interrupted& interrupted) {
    bar.clear();
    fmt::print(stderr, "{}; to run it again: {}\n", interrupted.what(), command);
    return false;
  }
  return true;
}

std::string stem_of(const std::string& file) { return std::filesystem::path(file).stem().string(); }

std::string file_names(const RunResult& result) {
  std::string names;
  for (const Table* table : result.tables()) names += table->name + ".csv, ";
  return names + "run.json";
}

void print_warnings(const RunResult& result) {
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
}

}  // namespace fabcast::cli
