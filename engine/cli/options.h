#pragma once
/// The command line of one command, read by Boost.Program_options.

#include <boost/program_options.hpp>
#include <deque>
#include <string>
#include <vector>

namespace fabcast::cli {

/// A command's options, its help and its mistakes.
class Options {
 public:
  /// `usage`: "fabcast check FILE"; `summary`: one sentence; `example`: a line that runs as it is.
  Options(std::string usage, std::string summary, std::string example);

  /// Add options here; names and help texts as Boost.Program_options takes them. Help shows them
  /// group by group, in the order in which the groups were first asked for.
  boost::program_options::options_description& add(const char* group = "Options");
  /// Positional arguments: their (hidden) option's name, and how many at most (-1: any).
  void positional(const char* name, int most);

  /// Reads the arguments. True: go on. False: --help was asked for and printed (exit 0).
  /// Throws InputError naming the option, the nearest known one, and `fabcast COMMAND --help`.
  bool parse(const std::vector<std::string>& arguments);

  /// Whether it was given, or has a default.
  bool has(const char* name) const { return values_.count(name) > 0; }
  /// Whether it was given.
  bool is_given(const char* name) const { return has(name) && !values_[name].defaulted(); }
  template <class T>
  const T& get(const char* name) const {
    return values_[name].as<T>();
  }
  /// All positional arguments of that name, empty where none.
  std::vector<std::string> list(const char* name) const;

 private:
  std::string usage_, summary_, example_;
  struct Group {
    std::string name;
    boost::program_options::options_description options;
  };
  std::deque<Group> groups_;  // which stay where they are
  boost::program_options::options_description hidden_;
  boost::program_options::positional_options_description positions_;
  boost::program_options::variables_map values_;
};

/// Whole number from text, k and M allowed ("100k"), within [low, high]; InputError names the
/// option.
unsigned long long whole_number(const std::string& option, const std::string& text,
                                unsigned long long low, unsigned long long high);

}  // namespace fabcast::cli
