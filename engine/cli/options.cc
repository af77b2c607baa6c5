#include "cli/options.h"

#include <fmt/core.h>

#include <cmath>
#include <sstream>

#include "base/diagnostics.h"
#include "base/units.h"

namespace fabcast::cli {

namespace po = boost::program_options;

namespace {

/// Of help: what every terminal has.
constexpr unsigned line_width = 80, least_text_width = 42;

/// A text in lines of at most line_width bytes, broken between words.
std::string wrapped(const std::string& text) {
  std::string lines, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > line_width) {
      lines += line + '\n';
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return lines + line;
}

}  // namespace

Options::Options(std::string usage, std::string summary, std::string example)
    : usage_(std::move(usage)), summary_(std::move(summary)), example_(std::move(example)) {}

po::options_description& Options::add(const char* group) {
  for (Group& known : groups_) {
    if (known.name == group) return known.options;
  }
  return groups_.emplace_back(Group{group, {group, line_width, least_text_width}}).options;
}

void Options::positional(const char* name, int most) {
  hidden_.add_options()(name, po::value<std::vector<std::string>>());
  positions_.add(name, most);
}

bool Options::parse(const std::vector<std::string>& arguments) {
  add(groups_.empty() ? "Options" : groups_.back().name.c_str())
      .add_options()("help,h", "print this help");
  po::options_description shown("", line_width, least_text_width), all;
  for (const Group& group : groups_) shown.add(group.options);
  all.add(shown).add(hidden_);
  // "fabcast run FILE" -> "fabcast run --help"
  const std::string help = usage_.substr(0, usage_.find(' ', usage_.find(' ') + 1)) + " --help";
  const int style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  try {
    po::store(
        po::command_line_parser(arguments).options(all).positional(positions_).style(style).run(),
        values_);
    po::notify(values_);
  } catch (const po::unknown_option& unknown) {
    std::vector<std::string_view> known;
    for (const auto& option : shown.options()) known.push_back(option->long_name());
    const std::string& asked = unknown.get_option_name();
    const size_t dashes = asked.find_first_not_of('-');
    const std::string_view near = nearest_name(
        std::string_view(asked).substr(dashes == std::string::npos ? 0 : dashes), known);
    throw InputError(fmt::format("unknown option '{}'; {}see {}", escaped(asked),
                                 near.empty() ? "" : fmt::format("did you mean '--{}'? ", near),
                                 help));
  } catch (const po::too_many_positional_options_error&) {
    throw InputError(fmt::format("too many arguments; usage: {}", usage_));
  } catch (const po::error& error) {
    throw InputError(fmt::format("{}; see {}", escaped(error.what(), 200), help));
  }
  if (!has("help")) return true;
  std::ostringstream table;
  table << shown;
  fmt::print("{}\n\n{}\n{}\nExample:\n  {}\n", wrapped(summary_), wrapped("usage: " + usage_),
             table.str(), example_);
  return false;
}

std::vector<std::string> Options::list(const char* name) const {
  return has(name) ? get<std::vector<std::string>>(name) : std::vector<std::string>{};
}

unsigned long long whole_number(const std::string& option, const std::string& text,
                                unsigned long long low, unsigned long long high) {
  const auto number = parse_number(text);
  if (!number || number->length != text.size() || number->value < static_cast<double>(low) ||
      number->value > static_cast<double>(high) || number->value != std::floor(number->value)) {
    throw InputError(fmt::format("{}: '{}' is not a whole number from {} to {}{}", option,
                                 escaped(text), low, high, high >= 10'000 ? ", such as 10k" : ""));
  }
  return static_cast<unsigned long long>(number->value);
}

}  // namespace fabcast::cli
