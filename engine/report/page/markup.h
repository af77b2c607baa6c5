#pragma once
/// HTML that cannot be mixed up with text: a text becomes markup by being escaped, and in no other
/// way.

#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace fabcast::page {

class Markup {
 public:
  Markup() = default;
  Markup& operator<<(const Markup& more) {
    html_ += more.html_;
    return *this;
  }
  const std::string& html() const { return html_; }
  bool empty() const { return html_.empty(); }

 private:
  explicit Markup(std::string html) : html_(std::move(html)) {}
  std::string html_;
  friend Markup text(std::string_view words);
  friend Markup ours(std::string html);
};

/// A text as it stands: `& < > " '` escaped, what is no UTF-8 or no character of HTML replaced by
/// U+FFFD, and so are the marks that turn the direction of what follows (U+202A to U+202E, U+2066
/// to U+2069).
Markup text(std::string_view words);

/// Markup that the program wrote whole, with nothing in it from a file.
Markup ours(std::string html);

/// `name` and its value, which is escaped; an empty name: none.
using Attribute = std::pair<const char*, std::string>;

/// <tag attributes>content</tag>
Markup element(const char* tag, std::initializer_list<Attribute> attributes, const Markup& content);
inline Markup element(const char* tag, const Markup& content) { return element(tag, {}, content); }
inline Markup element(const char* tag, std::string_view words) {
  return element(tag, {}, text(words));
}

/// A data block, <script type="application/json">: nothing in it ends the element.
Markup data_block(const char* id, const nlohmann::ordered_json& json);

/// `'sha256-…'`: what a content policy calls an inline script or style of these bytes.
/// https://www.w3.org/TR/CSP3/#grammardef-hash-source
std::string policy_hash(std::string_view bytes);

/// An address to link to: "https://a.b/c" and "http://a.b/c" as they are, "a.b/c" and "a.b" with
/// https:// before it; "" for anything else, so that no other scheme is ever linked.
std::string address_of(std::string_view words);

}  // namespace fabcast::page
