#pragma once
/// The parts of the page, in the order of interest. A part of which the results tell nothing has an
/// empty body.

#include "report/page/report.h"

namespace fabcast::page {

// headline.cc
Section headline_section(const Report& report);
Section quarters_section(Report& report);
// binding.cc
Section binding_section(Report& report);
// questions.cc
Section questions_section(const Report& report);
Section exceedance_section(Report& report);
Section dates_section(Report& report);
// comparison.cc
Section comparison_section(Report& report);
Section sweep_section(Report& report);
// evidence.cc
Section decides_section(Report& report);
Section observations_section(Report& report);
Section views_section(const Report& report);
Section further_section(const Report& report);
// inputs.cc
Section wafer_section(const Report& report);
Section inputs_section(const Report& report);
Section sources_section(const Report& report);
Section dictionary_section(const Report& report);
Section run_section(const Report& report);

}  // namespace fabcast::page
