/// fabcast: one program, with subcommands. Turns exceptions into the exit statuses of the contract.

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "base/diagnostics.h"
#include "cli/commands.h"
#include "fabcast.h"

namespace fabcast::cli {
namespace {

struct Command {
  std::string_view name, summary;
  int (*run)(const Arguments&);
};

constexpr std::array commands{
    Command{"run", "simulate scenarios, print a summary, write the results", run_command},
    Command{"merge", "join the shards of one run", merge_command},
    Command{"compare", "scenarios on the same draws, each against the first", compare_command},
    Command{"sweep", "a scenario under many values of some keys, one row a point", sweep_command},
    Command{"backtest", "score a scenario against what was observed", backtest_command},
    Command{"report", "make workbooks again from results, or one over several runs",
            report_command},
    Command{"check", "print a scenario as resolved, or all its mistakes", check_command},
    Command{"explain", "what a key means: unit, range, default, equation", explain_command},
    Command{"list", "keys, variables, families, scenarios, or the entities of one", list_command},
    Command{"die", "gross dies, wafer map, yield by every model, bins", die_command},
    Command{"dist", "any value of the scenario syntax: mean, quantiles, picture", dist_command},
    Command{"bench", "this machine: time by stage and threads, distance from the floor",
            bench_command},
};

void print_help() {
  fmt::print(
      "fabcast {}\nHow much AI compute can China make at home, when, and what decides it?\n\n"
      "usage: fabcast COMMAND [OPTIONS]\n\n",
      version());
  for (const Command& command : commands) fmt::print("  {:10}{}\n", command.name, command.summary);
  fmt::print(
      "\nfabcast COMMAND --help tells more. Example:\n"
      "  fabcast run baseline --trials 10k --out results/first\n"
      "\nExit status: 0 done, 2 the input was refused, 3 not enough memory, 4 reading or\n"
      "writing failed, 5 the results directory is in use, 6 it holds another run,\n"
      "7 results are written but miss the asked --precision, 130 or 143 interrupted,\n"
      "1 anything else.\n");
}

int dispatch(int argc, char** argv) {
  if (argc < 2) {
    print_help();
    return 2;
  }
  const std::string_view name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_help();
    return 0;
  }
  if (name == "--version") {
    fmt::print("fabcast {}\n", version());
    return 0;
  }
  for (const Command& command : commands) {
    if (command.name == name) return command.run(Arguments(argv + 2, argv + argc));
  }
  std::vector<std::string_view> known;
  for (const Command& command : commands) known.push_back(command.name);
  const std::string_view near = nearest_name(name, known);
  throw InputError(fmt::format("unknown command '{}'; {}see fabcast --help", escaped(name),
                               near.empty() ? "" : fmt::format("did you mean '{}'? ", near)));
}

int fail(int status, const char* what) {
  std::fflush(stdout);
  // Not fmt::print: it throws where standard error cannot be written, and nobody would catch it.
  std::fputs(what, stderr);
  if (!std::string_view(what).ends_with('\n')) std::fputc('\n', stderr);
  return status;
}

std::string output_failure(int reason) {
  return fmt::format("cannot write to standard output: {}",
                     std::generic_category().message(reason));
}

}  // namespace
}  // namespace fabcast::cli

int main(int argc, char** argv) {
  using namespace fabcast;
  // A file beyond the process's limit is an error that is told, as a full disk is.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    const int status = cli::dispatch(argc, argv);
    // A full disk or a closed pipe behind standard output must not pass for success.
    if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
      return cli::fail(4, cli::output_failure(errno).c_str());
    }
    return status;
  } catch (const InputError& error) {
    return cli::fail(2, error.what());
  } catch (const std::bad_alloc&) {
    return cli::fail(3, "not enough memory; ask for fewer --trials, or keep less of them");
  } catch (const IoError& error) {
    return cli::fail(4, error.what());
  } catch (const DirectoryInUse& error) {
    return cli::fail(5, error.what());
  } catch (const DirectoryHoldsRun& error) {
    return cli::fail(6, error.what());
  } catch (const std::system_error& error) {  // fmt::print to a full disk or a closed pipe
    return std::ferror(stdout) ? cli::fail(4, cli::output_failure(error.code().value()).c_str())
                               : cli::fail(4, error.what());
  } catch (const std::exception& error) {
    return cli::fail(1, error.what());
  }
}
