#include "report/html.h"

#include <fmt/core.h>

#include <vector>

#include "report/heading.h"
#include "report/page/asset.h"
#include "report/page/sections.h"

namespace fabcast {

namespace {

using namespace page;

/// A policy under which the page's own script and style run and nothing else, and nothing is
/// fetched from anywhere.
std::string content_policy() {
  return fmt::format(
      "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
      policy_hash(script), policy_hash(style));
}

Markup header(const Report& report) {
  const Provenance& from = report.result.provenance;
  const ReportHeading heading = heading_of(report.result);
  Markup head = element("p", {{"class", "kicker"}}, text("fabcast report"));
  head << element("h1", heading.title)
       << element("p", {{"class", "provenance"}}, text(heading.told));
  if (report.result.weighted) {
    head << element(
        "p", {{"class", "told"}},
        text(fmt::format("The histories are weighted by what was observed: {:.0f} of {} "
                         "count.",
                         report.result.effective_trials, from.trials)));
  }
  Markup warnings;
  for (const std::string& warning : report.result.warnings) {
    warnings << element("li", text(warning));
  }
  if (!warnings.empty()) {
    head << element("div", {{"class", "told"}, {"role", "note"}},
                    element("p", element("b", "Warnings of the run")) << element("ul", warnings));
  }
  // Not shown to a reader whose charts are drawn.
  head << ours(
      "<noscript><p class=\"told\">The charts need JavaScript; all their numbers are in the "
      "tables.</p></noscript>");
  return head;
}

}  // namespace

std::string report_html(const RunResult& result) {
  Report report(result);
  // In this order: a braced list is evaluated from left to right.
  const std::vector<Section> sections{
      headline_section(report),     comparison_section(report), quarters_section(report),
      binding_section(report),      questions_section(report),  exceedance_section(report),
      dates_section(report),        sweep_section(report),      decides_section(report),
      observations_section(report), views_section(report),      further_section(report),
      wafer_section(report),        inputs_section(report),     sources_section(report),
      dictionary_section(report),   run_section(report)};
  Markup contents, body;
  for (const Section& section : sections) {
    if (section.body.empty()) continue;
    const std::string heading = std::string(section.id) + "-heading";
    contents << element(
        "li", element("a", {{"href", std::string("#") + section.id}}, text(section.title)));
    body << element("section", {{"id", section.id}, {"aria-labelledby", heading}},
                    element("h2", {{"id", heading}}, text(section.title)) << section.body)
         << ours("\n");
  }
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
      content_policy() +
      "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n";
  html += element("title", heading_of(result).title + " – fabcast").html();
  html += "\n<style>";
  html += style;
  html += "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the report</a>\n";
  html += element("header", header(report)).html();
  html += "\n<nav aria-labelledby=\"contents\"><h2 id=\"contents\">Contents</h2><ol>" +
          contents.html() + "</ol></nav>\n<main id=\"main\">\n" + body.html() + "</main>\n";
  html += data_block("data", report.data()).html();
  html += "<script>";
  html += script;
  html += "</script>\n</body>\n</html>\n";
  return html;
}

}  // namespace fabcast
