#pragma once
/// What a reader of scenario files is owed when something is wrong: every mistake at once, each
/// with its place, the line itself, a caret, and what to type instead.

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fabcast {

/// A place in a text that the user wrote. Lines and columns count from 1; columns count characters
/// (UTF-8 code points). `line == 0`: the file as a whole.
struct SourcePosition {
  int file = -1;  ///< index into Diagnostics::files(), -1: no file
  int line = 0;
  int column = 0;
};

/// Collects mistakes; nothing is printed and nothing is thrown until the caller asks.
class Diagnostics {
 public:
  /// Registers a text, so that messages can quote its lines; returns its index for SourcePosition.
  int add_file(std::string name, std::string_view text);
  /// The shown name of a file, escaped.
  const std::string& file_name(int file) const { return files_[static_cast<size_t>(file)].name; }

  /// One mistake. `message`: what is wrong and why. `remedy`: what to type instead, may be empty.
  void error(SourcePosition at, std::string message, std::string remedy = {});

  bool ok() const { return errors_.empty(); }
  size_t count() const { return errors_.size(); }

  /// All mistakes, ordered by file, line and column, each as
  ///   file:line:column: message; remedy
  ///      14 | atrition = 1 to 4 %/year
  ///         | ^
  /// Quoted text is escaped (no control characters reach the terminal) and cut to 100 characters.
  std::string text() const;

  /// Throws InputError with text() and their number if there is any mistake. `further`: after the
  /// number, what could not be looked at for them.
  void throw_if_any(std::string_view further = {}) const;

 private:
  struct File {
    std::string name;
    std::vector<std::string> lines;
  };
  struct Entry {
    SourcePosition at;
    std::string message, remedy;
  };
  std::vector<File> files_;
  std::vector<Entry> errors_;
};

/// The user's input was refused (exit status 2). what() is the whole text to print.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reading or writing failed (exit status 4).
struct IoError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The results directory is in use by another run (exit status 5).
struct DirectoryInUse : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The results directory holds another run and --force was not given (exit status 6).
struct DirectoryHoldsRun : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// `text` with control characters and invalid UTF-8 shown as \xNN, cut to `most` characters with
/// "…".
std::string escaped(std::string_view text, size_t most = 60);

/// The name among `known` that was meant by `word`: the shortest that begins with it, where it has
/// four letters or more; else the nearest by edit distance (transpositions count one). Empty where
/// more than a third of the letters differ.
std::string_view nearest_name(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace fabcast
