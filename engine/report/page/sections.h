#pragma once
/// The parts of the page, in the order of interest. A part of which the results tell nothing has an
/// empty body.

#include "report/page/content.h"

namespace fabcast::page {

// headline.cc
Section headline_section(const Content& content);
Section quarters_section(Content& content);
// binding.cc
Section binding_section(Content& content);
// questions.cc
Section questions_section(const Content& content);
Section exceedance_section(Content& content);
Section dates_section(Content& content);
// comparison.cc
Section comparison_section(Content& content);
Section sweep_section(Content& content);
// evidence.cc
Section decides_section(Content& content);
Section observations_section(Content& content);
Section views_section(const Content& content);
Section further_section(const Content& content);
// inputs.cc
Section wafer_section(const Content& content);
Section inputs_section(const Content& content);
Section sources_section(const Content& content);
Section dictionary_section(const Content& content);
Section run_section(const Content& content);

}  // namespace fabcast::page
