#include "report/page/markup.h"

#include <cctype>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace fabcast::page {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

/// Bytes of the UTF-8 character at the start of `words`, 0 where there is none.
size_t character_length(std::string_view words, uint32_t& code) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(words[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    code = first;
    return 1;
  }
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || words.size() < length) return 0;
  code = first & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3F);
  }
  constexpr uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  return code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : length;
}

/// Whether a character has no place in the text of a page.
bool is_forbidden(uint32_t code) {
  const bool control =
      (code < 0x20 && code != '\t' && code != '\n') || (code >= 0x7F && code < 0xA0);
  const bool no_character = (code & 0xFFFE) == 0xFFFE || (code >= 0xFDD0 && code < 0xFDF0);
  const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return control || no_character || turns;
}

std::string escaped(std::string_view words) {
  std::string html;
  html.reserve(words.size() + words.size() / 8);
  while (!words.empty()) {
    uint32_t code = 0;
    const size_t length = character_length(words, code);
    if (length == 0 || is_forbidden(code)) {
      html += replacement;
    } else if (code == '&') {
      html += "&amp;";
    } else if (code == '<') {
      html += "&lt;";
    } else if (code == '>') {
      html += "&gt;";
    } else if (code == '"') {
      html += "&quot;";
    } else if (code == '\'') {
      html += "&#39;";
    } else {
      html += words.substr(0, length);
    }
    words.remove_prefix(length == 0 ? 1 : length);
  }
  return html;
}

int value_of_digit(char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

}  // namespace

Markup text(std::string_view words) { return Markup(escaped(words)); }

Markup ours(std::string html) { return Markup(std::move(html)); }

Markup element(const char* tag, std::initializer_list<Attribute> attributes,
               const Markup& content) {
  std::string html = std::string("<") + tag;
  for (const auto& [name, value] : attributes) {
    if (*name != '\0') html += std::string(" ") + name + "=\"" + escaped(value) + '"';
  }
  return ours(html + '>' + content.html() + "</" + tag + '>');
}

Markup data_block(const char* id, const nlohmann::ordered_json& json) {
  // All but ASCII is \u…, so that no line separator stands in it.
  const std::string dumped =
      json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  std::string safe;
  for (char c : dumped) {
    if (c == '<') {
      safe += "\\u003c";
    } else if (c == '>') {
      safe += "\\u003e";
    } else if (c == '&') {
      safe += "\\u0026";
    } else {
      safe += c;
    }
  }
  return ours(std::string("<script type=\"application/json\" id=\"") + id + "\">" + safe +
              "</script>\n");
}

std::string policy_hash(std::string_view bytes) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const std::string digits = sha256(bytes);
  std::string base64;
  uint32_t held = 0;
  int bits = 0;
  for (char digit : digits) {
    held = held << 4 | static_cast<uint32_t>(value_of_digit(digit));
    bits += 4;
    if (bits >= 6) {
      bits -= 6;
      base64 += letters[held >> bits & 63];
    }
  }
  if (bits > 0) base64 += letters[held << (6 - bits) & 63];
  while (base64.size() % 4 != 0) base64 += '=';
  return "'sha256-" + base64 + "'";
}

std::string address_of(std::string_view words) {
  const auto plain = [](char c) {  // of an address; no quote, space or control among them
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~:/?#[]@!$&()*+,;=%").find(c) != std::string_view::npos;
  };
  for (char c : words) {
    if (!plain(c)) return "";
  }
  std::string_view rest = words;
  const bool has_scheme = rest.starts_with("https://") || rest.starts_with("http://");
  if (has_scheme) rest.remove_prefix(rest.find("//") + 2);
  // host.name, then nothing or a path
  const size_t slash = rest.find('/');
  const std::string_view host = rest.substr(0, slash);
  const size_t dot = host.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || host.size() - dot < 3) return "";
  for (char c : host) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-') return "";
  }
  for (char c : host.substr(dot + 1)) {
    if (std::isalpha(static_cast<unsigned char>(c)) == 0) return "";
  }
  return (has_scheme ? "" : "https://") + std::string(words);
}

}  // namespace fabcast::page
