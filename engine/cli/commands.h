#pragma once
/// The commands, one small file each. Each returns its exit status and throws InputError, IoError,
/// DirectoryInUse or DirectoryHoldsRun, which main() turns into exit statuses 2, 4, 5 and 6.

#include <string>
#include <vector>

namespace fabcast::cli {

using Arguments = std::vector<std::string>;

int run_command(const Arguments& arguments);
int merge_command(const Arguments& arguments);
int backtest_command(const Arguments& arguments);
int compare_command(const Arguments& arguments);
int report_command(const Arguments& arguments);
int sweep_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int explain_command(const Arguments& arguments);
int list_command(const Arguments& arguments);
int die_command(const Arguments& arguments);
int dist_command(const Arguments& arguments);
int bench_command(const Arguments& arguments);

}  // namespace fabcast::cli
