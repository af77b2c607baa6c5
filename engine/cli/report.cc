/// fabcast report DIR…

#include <fmt/core.h>

#include <filesystem>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/session.h"
#include "fabcast.h"
#include "report/directory.h"
#include "report/saved.h"

namespace fabcast::cli {

int report_command(const Arguments& arguments) {
  namespace po = boost::program_options;
  Options options(
      "fabcast report DIR… [OPTIONS]",
      "Makes report.xlsx and report.html again in each directory of results, without a run; with "
      "--out one over all of them.",
      "fabcast report results/first --format xlsx");
  options.positional("directory", -1);
  options.add().add_options()(
      "out,o", po::value<std::string>(),
      "folder of one report over all runs; where scenarios share a name, their directories are "
      "told")("format", po::value<std::string>()->default_value("xlsx,html"),
              "reports to make: xlsx, html or both")(
      "force", "replace the report that --out holds")("quiet,q",
                                                      "do not tell which files were written");
  if (!options.parse(arguments)) return 0;
  const std::vector<std::string> directories = options.list("directory");
  if (directories.empty()) {
    throw InputError("no directory of results; usage: fabcast report DIR…");
  }
  const WriteOptions write = report_options(options);
  const auto tell = [&](const std::string& directory) {
    if (!options.has("quiet")) fmt::print("{}/{}\n", directory, report_names(write));
  };
  if (!options.has("out")) {
    // All are read before the first is written, so that a mistake in the last costs nothing.
    std::vector<std::unique_ptr<ResultDirectory>> held;
    std::vector<RunResult> results;
    for (const std::string& directory : directories) {
      held.push_back(std::make_unique<ResultDirectory>(directory, ResultDirectory::ReportsAlone{}));
      results.push_back(read_results(directory));
    }
    for (size_t d = 0; d < directories.size(); ++d) {
      write_reports(results[d], *held[d], write);
      tell(directories[d]);
    }
    return 0;
  }
  const std::string& out = options.get<std::string>("out");
  if (std::filesystem::exists(std::filesystem::path(out) / "run.json")) {
    throw DirectoryHoldsRun(
        fmt::format("'{}' holds a run, which a report over several would replace; give another "
                    "--out",
                    escaped(out, 200)));
  }
  ResultDirectory directory(out, write.force);
  std::vector<RunResult> results;
  for (const std::string& each : directories) results.push_back(read_results(each));
  write_reports(joined_results(std::move(results), directories), directory, write);
  tell(out);
  return 0;
}

}  // namespace fabcast::cli
