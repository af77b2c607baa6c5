/// fabcast run FILE…

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>

#include "base/comma_list.h"
#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/notes.h"
#include "cli/options.h"
#include "fabcast.h"
#include "report/directory.h"
#include "report/run_json.h"
#include "report/terminal.h"

namespace fabcast::cli {

namespace {

volatile sig_atomic_t stop_signal = 0;

void note_signal(int signal) { stop_signal = signal; }

bool colour_on(int file) {
  const char* no_colour = std::getenv("NO_COLOR");
  return isatty(file) && !(no_colour && *no_colour);
}

/// A bar on standard error for anything over a second, on a terminal only.
class ProgressBar {
 public:
  ProgressBar(uint64_t trials, bool quiet) : trials_(trials), shown_(!quiet && isatty(2)) {}
  ~ProgressBar() { clear(); }

  void update(uint64_t done) {
    using namespace std::chrono;
    const auto now = steady_clock::now();
    if (!shown_ || now - start_ < seconds(1) || now - last_ < milliseconds(200)) return;
    last_ = now;
    const double share = static_cast<double>(done) / static_cast<double>(trials_);
    const double elapsed = duration<double>(now - start_).count();
    constexpr int width = 30;
    const int full = static_cast<int>(share * width);
    fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {:3.0f}%  {} trials, {}/s, {:.0f} s left \x1b[K", "",
               full, "", width - full, 100 * share, short_number(static_cast<double>(done)),
               short_number(static_cast<double>(done) / elapsed), elapsed * (1 / share - 1));
    std::fflush(stderr);
    drawn_ = true;
  }
  void clear() {
    if (drawn_) fmt::print(stderr, "\r\x1b[K");
    drawn_ = false;
  }

 private:
  uint64_t trials_;
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_ = start_;
};

/// `csv,npy` as options; mistakes are thrown.
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

std::string quoted(const std::string& argument) {
  if (argument.find_first_of(" \t'\"$&|;<>()*?#~") == std::string::npos && !argument.empty()) {
    return argument;
  }
  std::string text = "'";
  for (char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string stem_of(const std::string& file) { return std::filesystem::path(file).stem().string(); }

}  // namespace

int run_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options(
      "fabcast run FILE… [OPTIONS]",
      "Simulates each scenario, prints a one-screen summary and writes its results.",
      "fabcast run baseline --trials 10k --set 'fab.SN2.line_yield = 90 %' --out results/try");
  options.positional("file", -1);
  options.add().add_options()("trials,n", po::value<std::string>()->default_value("10k"),
                              "histories to simulate")(
      "seed", po::value<std::string>()->default_value("1"), "seed of all draws")(
      "threads", po::value<std::string>()->default_value("0"), "threads; 0: all cores")(
      "set", po::value<std::vector<std::string>>(),
      "KEY=VALUE over the file, any scenario syntax; may be repeated")(
      "out,o", po::value<std::string>(),
      "directory of the results (default results/NAME); with several files, the folder that holds "
      "one "
      "directory for each")(
      "format", po::value<std::string>()->default_value("csv"),
      "of the kept trials: csv, npy (with the names in trials.columns.txt) or csv,npy")(
      "keep-trials", po::value<std::vector<std::string>>(),
      "write each trial's values of these: 'VARIABLE ENTITY' or VARIABLE, comma-separated")(
      "force", "replace the run that the directory holds")("quiet,q",
                                                           "no summary, no progress bar")(
      "json", "print the summary as one JSON object on standard output");
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> files = options.list("file");
  if (files.empty()) throw InputError("no scenario file; usage: fabcast run FILE…");
  const bool json = options.has("json"), quiet = options.has("quiet") || json;

  RunRequest request;
  request.trials = whole_number("--trials", options.get<std::string>("trials"), 1, 1'000'000'000);
  request.seed = whole_number("--seed", options.get<std::string>("seed"), 0, 1ull << 53);
  request.threads =
      static_cast<int>(whole_number("--threads", options.get<std::string>("threads"), 0, 4096));
  request.scenario.sets = options.list("set");
  for (const std::string& list : options.list("keep-trials")) {
    const std::vector<std::string_view> names = comma_list(list);
    if (names.empty()) {
      throw InputError(
          "--keep-trials names nothing; give 'VARIABLE ENTITY', see fabcast list variables");
    }
    request.keep.insert(request.keep.end(), names.begin(), names.end());
  }
  request.command = "fabcast run";
  for (const std::string& argument : arguments) request.command += ' ' + quoted(argument);
  WriteOptions write = formats(options.get<std::string>("format"));
  if (write.npy && request.keep.empty()) {
    throw InputError("--format npy is of kept trials; add --keep-trials 'VARIABLE ENTITY'");
  }
  write.force = options.has("force");

  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND);  // a second Ctrl-C ends it at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);

  // All is looked at before the first is run, so that a mistake in the last costs nothing.
  std::map<std::string, std::string> file_of;  // by directory
  std::vector<std::string> directories;
  std::vector<PreparedRun> prepared;
  for (const std::string& file : files) {
    request.scenario.path = file;
    prepared.emplace_back(request);
    std::string out = options.has("out") ? options.get<std::string>("out") : "results";
    if (files.size() > 1 || !options.has("out")) out += '/' + stem_of(file);
    const auto [other, is_new] = file_of.emplace(out, file);
    if (!is_new) {
      throw InputError(
          fmt::format("'{}' and '{}' would both be written to '{}'; run them one by "
                      "one, each with its --out",
                      escaped(other->second), escaped(file), escaped(out)));
    }
    directories.push_back(out);
    if (!quiet) print_notes(prepared.back().spec(), prepared.back().diagnostics());
  }
  // Held from here on: a run that ends finds its place as it was.
  std::vector<std::unique_ptr<ResultDirectory>> held;
  for (const std::string& out : directories) {
    held.push_back(std::make_unique<ResultDirectory>(out, write.force));
  }

  std::string all_json;
  for (size_t f = 0; f < files.size(); ++f) {
    const std::string &file = files[f], &out = directories[f];
    ProgressBar bar(request.trials, quiet);
    RunResult result;
    try {
      result = run(prepared[f], [&bar](uint64_t done) {
        bar.update(done);
        return stop_signal == 0;
      });
    } catch (const Interrupted& interrupted) {
      bar.clear();
      fmt::print(stderr, "{}; to run it again: {}\n", interrupted.what(), request.command);
      return 128 + static_cast<int>(stop_signal);
    }
    bar.clear();
    write_results(result, *held[f], write);
    held[f].reset();
    if (json) {
      all_json += (all_json.empty() ? "" : ",") + summary_json(result);
      continue;
    }
    if (quiet) continue;
    fmt::print(
        "{}\nResults: {}/summary.csv, binding.csv, questions.csv, inputs.csv, run.json\n"
        "Next:    fabcast check {}\n"
        "         fabcast explain fab.plan\n"
        "         fabcast run {} --set 'KEY = VALUE'\n",
        terminal_summary(result, colour_on(1)), out, file, file);
  }
  if (json) fmt::print("{}", files.size() == 1 ? all_json : "{\"runs\": [" + all_json + "]}\n");
  return 0;
}

}  // namespace fabcast::cli
