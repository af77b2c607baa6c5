#include "cli/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/comma_list.h"
#include "base/diagnostics.h"
#include "report/terminal.h"

namespace fabcast::cli {

namespace {

volatile sig_atomic_t signal_seen = 0;

void note_signal(int signal) { signal_seen = signal; }

bool is_dumb() {
  const char* terminal = std::getenv("TERM");
  return terminal && std::string_view(terminal) == "dumb";
}

/// Whether the user's locale says so; the program itself has none.
bool is_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (!value || !*value) continue;
    std::string locale(value);
    for (char& c : locale) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

/// A bar on standard error for anything over a second, on a terminal only.
class ProgressBar {
 public:
  ProgressBar(const Counted& counted, bool quiet);
  ~ProgressBar() { clear(); }
  void update(uint64_t done);
  /// Another run begins, of so many trials.
  void restart(uint64_t trials);
  void clear();

 private:
  Counted counted_;
  bool shown_, drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_ = start_;
  std::chrono::steady_clock::time_point begun_ = start_;  ///< of this run
};

ProgressBar::ProgressBar(const Counted& counted, bool quiet)
    : counted_(counted), shown_(!quiet && isatty(2) && !is_dumb()) {}

void ProgressBar::restart(uint64_t trials) {
  counted_.trials = trials;
  begun_ = std::chrono::steady_clock::now();
}

void ProgressBar::update(uint64_t done) {
  using namespace std::chrono;
  const auto now = steady_clock::now();
  if (!shown_ || done == 0 || now - start_ < seconds(1) || now - last_ < milliseconds(200)) return;
  last_ = now;
  const double share = static_cast<double>(done) / static_cast<double>(counted_.trials);
  const auto in_units = [&](uint64_t trials) {
    return static_cast<double>(trials) / static_cast<double>(counted_.of_unit);
  };
  const auto before = static_cast<double>(counted_.done_before);
  const double elapsed = duration<double>(now - begun_).count();
  constexpr int width = 30;
  const int full = static_cast<int>(share * width);
  fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {:3.0f}%  {} of {} {}, {}/s, {:.0f} s left \x1b[K", "",
             full, "", width - full, 100 * share, short_number(std::floor(in_units(done)) + before),
             short_number(in_units(counted_.trials) + before), counted_.unit,
             short_number(in_units(done) / elapsed), elapsed * (1 / share - 1));
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace

std::string quoted(const std::string& argument) {
  if (argument.find_first_of(" \t'\"$&|;<>()*?#~") == std::string::npos && !argument.empty()) {
    return argument;
  }
  std::string text = "'";
  for (char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

void add_run_options(Options& options) {
  namespace po = boost::program_options;
  options.add("Simulation")
      .add_options()("trials,n", po::value<std::string>()->default_value("10k"),
                     "histories to simulate")("seed", po::value<std::string>()->default_value("1"),
                                              "seed of all draws")(
          "sampler", po::value<std::string>()->default_value("philox"),
          "philox: independent draws; sobol: scrambled Sobol' points, with which as many trials "
          "tell means, and less so quantiles, much better; lhs: Latin hypercubes, between the two. "
          "Points come in 8 to 15 replicates: --trials is rounded up to whole ones")(
          "threads", po::value<std::string>()->default_value("0"), "threads; 0: all cores")(
          "set", po::value<std::vector<std::string>>(),
          "KEY=VALUE over the file, any scenario syntax; may be repeated");
  options.add("Results").add_options()("force", "replace the run that the directory holds");
  options.add("On the screen")
      .add_options()("quiet,q", "no summary, no progress bar")(
          "json", "print the summary as one JSON object");
}

void add_quantiles_option(Options& options) {
  options.add("Simulation")
      .add_options()(
          "quantiles", boost::program_options::value<std::string>()->default_value("auto"),
          "beyond 4,096 trials, up to which they are exact; exact: order statistics, found by "
          "running all trials again; binned: read off counts, to about a twentieth of their "
          "standard error; auto: exact up to 20,480 trials, but for weighted ones");
}

void add_precision_option(Options& options) {
  options.add("Simulation")
      .add_options()("precision", boost::program_options::value<std::string>(),
                     "as many trials as make the 90 % interval of what --of names no wider than "
                     "this to each side: 1% (relative; of a chance in points), 0.5pp (points of a "
                     "chance or a share). At most --trials of them, or 1M where none are given: "
                     "exit status 7 where they do not do");
}

void add_precision_options(Options& options) {
  add_precision_option(options);
  options.add("Simulation")
      .add_options()("of", boost::program_options::value<std::vector<std::string>>(),
                     "'VARIABLE [ENTITY] PERIOD STATISTIC' (mean, p05, p10, p25, p50, p75, p90, "
                     "p95), or the name of a question; may be repeated. Default: means of the "
                     "headline in its last year");
}

namespace {

uint64_t asked_trials(const Options& options) {
  return whole_number("--trials", options.get<std::string>("trials"), 1, 1'000'000'000);
}

/// The sampler, and as many trials as it makes of those asked.
void take_sampler(const Options& options, RunRequest& request) {
  const std::string& sampler = options.get<std::string>("sampler");
  const auto kind = sampler_named(sampler);
  if (!kind) {
    throw InputError(fmt::format("--sampler: '{}' is not a sampler; give philox, sobol or lhs",
                                 escaped(sampler)));
  }
  request.sampler = *kind;
  request.trials = trials_of_sampler(request.sampler, request.trials);
}

Quantiles asked_quantiles(const Options& options) {
  const std::string& name = options.get<std::string>("quantiles");
  if (const auto quantiles = quantiles_named(name)) return *quantiles;
  throw InputError(fmt::format(
      "--quantiles: '{}' is no way to find them; give auto, exact or binned", escaped(name)));
}

}  // namespace

RunRequest run_request(const Options& options, const std::string& command,
                       const Arguments& arguments) {
  RunRequest request;
  request.trials = asked_trials(options);
  request.seed = whole_number("--seed", options.get<std::string>("seed"), 0, 1ull << 53);
  if (options.has("sampler")) take_sampler(options, request);
  if (options.has("quantiles")) request.quantiles = asked_quantiles(options);
  request.threads =
      static_cast<int>(whole_number("--threads", options.get<std::string>("threads"), 0, 4096));
  request.scenario.sets = options.list("set");
  request.command = command_text(command, arguments);
  return request;
}

void print_rounded_trials(const Options& options, const RunRequest& request) {
  const uint64_t asked = asked_trials(options);
  if (request.sampler == SamplerKind::philox || request.trials == asked) return;
  const Replicates replicates = replicates_of(asked);
  fmt::print(stderr, "note: --sampler {}: {} trials, not {}, are {} replicates of {}\n",
             sampler_name(request.sampler), request.trials, asked, replicates.count,
             replicates.points);
}

std::string command_text(const std::string& command, const Arguments& arguments) {
  std::string text = command;
  for (const std::string& argument : arguments) text += ' ' + quoted(argument);
  return text;
}

void read_precision(const Options& options, RunRequest& request) {
  if (!options.has("precision")) return;
  request.precision.half_width = options.get<std::string>("precision");
  // Asked for, though it says nothing.
  if (request.precision.half_width.empty()) request.precision.half_width = " ";
  if (!options.is_given("trials")) request.trials = most_precise_trials;
}

void read_precision_of(const Options& options, RunRequest& request) {
  read_precision(options, request);
  request.precision.of = options.list("of");
  if (!request.precision.of.empty() && !request.precision.is_asked()) {
    throw InputError("--of is of a precision; add --precision 1%");
  }
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
  return isatty(file) && !is_dumb() && !(no_colour && *no_colour);
}

Screen screen() {
  Screen made;
  made.colour = colour_on(1);
  made.blocks = isatty(1) && !is_dumb() && is_utf8();
  struct winsize size {};
  if (isatty(1) && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    made.columns = std::clamp<size_t>(size.ws_col, 80, 100);
  }
  return made;
}

bool with_progress(uint64_t trials, bool quiet, const std::string& command,
                   const std::function<void(const Progress&, const NextRun&)>& work) {
  return with_progress(Counted{trials}, quiet, "to run it again: " + command, work);
}

bool with_progress(const Counted& counted, bool quiet, const std::string& again,
                   const std::function<void(const Progress&, const NextRun&)>& work) {
  ProgressBar bar(counted, quiet);
  try {
    work(
        [&bar](uint64_t done) {
          bar.update(done);
          return stop_signal() == 0;
        },
        [&bar](uint64_t next) { bar.restart(next); });
  } catch (const Interrupted& interrupted) {
    bar.clear();
    fmt::print(stderr, "{}; {}\n", interrupted.what(), again);
    return false;
  }
  return true;
}

int status_of(const RunResult& result) {
  const bool met = std::all_of(result.precision.begin(), result.precision.end(),
                               [](const ReachedPrecision& each) { return each.met; });
  return met ? 0 : 7;
}

std::string stem_of(const std::string& file) { return std::filesystem::path(file).stem().string(); }

void add_format_option(Options& options, bool trials) {
  namespace po = boost::program_options;
  options.add("Results").add_options()(
      "format", po::value<std::string>()->default_value("csv,xlsx,html"),
      trials ? "csv, xlsx (report.xlsx), html (report.html), npy (kept trials, with the names in "
               "trials.columns.txt), comma-separated; tables are always written as csv"
             : "csv, xlsx (report.xlsx), html (report.html), comma-separated; tables are always "
               "written as csv");
}

namespace {

/// Reads --format, whose names may be these; csv and npy only as they are named.
WriteOptions read_formats(const Options& options, const std::vector<std::string_view>& allowed) {
  WriteOptions write;
  write.csv = false;
  const auto& list = options.get<std::string>("format");
  std::vector<std::string_view> names = comma_list(list);
  if (names.empty()) names.emplace_back();  // which is no format either
  std::string mistakes;
  for (const std::string_view name : names) {
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) {
      mistakes +=
          fmt::format("{}--format: '{}' is not a format of this command; give {}",
                      mistakes.empty() ? "" : "\n", escaped(name), fmt::join(allowed, ", "));
      if (allowed.size() > 1) mistakes += ", or several with commas";
    }
    write.csv |= name == "csv";
    write.npy |= name == "npy";
    write.xlsx |= name == "xlsx";
    write.html |= name == "html";
  }
  if (!mistakes.empty()) throw InputError(mistakes);
  return write;
}

}  // namespace

WriteOptions write_options(const Options& options, bool trials) {
  std::vector<std::string_view> allowed{"csv", "xlsx", "html"};
  if (trials) allowed.emplace_back("npy");
  WriteOptions write = read_formats(options, allowed);
  // Kept trials are CSV where nothing says otherwise.
  write.csv |= !write.npy;
  write.force = options.has("force");
  return write;
}

WriteOptions report_options(const Options& options) {
  WriteOptions write = read_formats(options, {"xlsx", "html"});
  write.force = options.has("force");
  return write;
}

std::string report_names(const WriteOptions& written) {
  std::string names = written.xlsx ? "report.xlsx" : "";
  if (written.html) names += names.empty() ? "report.html" : ", report.html";
  return names;
}

std::string file_names(const RunResult& result, const WriteOptions& written) {
  std::string names;
  for (const Table* table : result.tables()) names += table->name + ".csv, ";
  for (const auto& [kept, name] : {std::pair(&result.trials, "trials"), {&result.drawn, "drawn"}}) {
    if (kept->empty()) continue;
    if (written.csv) names += fmt::format("{}.csv, ", name);
    if (written.npy) names += fmt::format("{}.npy, ", name);
  }
  const std::string reports = report_names(written);
  return names + "run.json" + (reports.empty() ? "" : ", " + reports);
}

std::string results_line(const std::string& directory, const std::string& names,
                         const Screen& screen) {
  std::string text, line = fmt::format("Results: {}/", directory);
  std::istringstream words(names);
  bool is_first = true;
  for (std::string word; words >> word; is_first = false) {
    if (!is_first && line.size() + 1 + word.size() > screen.columns) {
      text += line + '\n';
      line = "        ";
    }
    line += (is_first ? "" : " ") + word;
  }
  return text + line + '\n';
}

void print_warnings(const RunResult& result) {
  for (const std::string& warning : result.warnings) fmt::print(stderr, "warning: {}\n", warning);
}

}  // namespace fabcast::cli
