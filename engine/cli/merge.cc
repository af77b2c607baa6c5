/// fabcast merge DIR…

#include <fmt/core.h>

#include <filesystem>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/session.h"
#include "fabcast.h"
#include "report/directory.h"
#include "report/run_json.h"
#include "report/terminal.h"

namespace fabcast::cli {

int merge_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options("fabcast merge DIR… --out DIR [OPTIONS]",
                  "Joins the shards of one run, which `fabcast run --shard I/N` wrote, in any "
                  "order: the results of the whole run, to the byte.",
                  "fabcast merge results/baseline-*-of-8 --out results/baseline");
  options.positional("directory", -1);
  options.add("Results").add_options()("out,o", po::value<std::string>(),
                                       "directory of the results");
  add_format_option(options, true);
  options.add("Results").add_options()("force", "replace the run that the directory holds")(
      "threads", po::value<std::string>()->default_value("0"), "threads; 0: all cores");
  options.add("On the screen")
      .add_options()("quiet,q", "no summary")("json", "print the summary as one JSON object");
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> directories = options.list("directory");
  std::string mistakes;
  if (directories.empty()) {
    mistakes += "no directory of a shard; usage: fabcast merge DIR… --out DIR\n";
  }
  if (!options.has("out")) mistakes += "merge writes where --out says: add --out DIR\n";
  if (!mistakes.empty()) throw InputError(mistakes);
  const WriteOptions write = write_options(options, true);
  const int threads =
      static_cast<int>(whole_number("--threads", options.get<std::string>("threads"), 0, 4096));
  const std::string out = options.get<std::string>("out");
  for (const std::string& shard : directories) {
    std::error_code not_there;
    if (std::filesystem::equivalent(shard, out, not_there)) {
      throw InputError(
          fmt::format("--out '{}' is one of the shards, which the results would "
                      "replace; give another directory",
                      escaped(out, 200)));
    }
  }
  note_signals();
  ResultDirectory directory(out, write.force);

  const std::string command = command_text("fabcast merge", arguments);
  RunResult result;
  const bool done = with_progress(1, options.has("quiet") || options.has("json"), command,
                                  [&](const Progress& progress, const NextRun& next) {
                                    result =
                                        merge_shards(directories, command, threads, progress, next);
                                  });
  if (!done) return 128 + stop_signal();
  if (write.npy && result.trials.empty() && result.drawn.empty()) {
    throw InputError("--format npy is of kept trials, and these shards kept none: leave it out");
  }
  print_warnings(result);
  write_results(result, directory, write);
  if (options.has("json")) {
    fmt::print("{}", summary_json(result));
  } else if (!options.has("quiet")) {
    const Screen shown = screen();
    fmt::print("{}\n{}", terminal_summary(result, shown),
               results_line(out, file_names(result, write), shown));
  }
  return 0;
}

}  // namespace fabcast::cli
