#include "fabcast_c.h"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>

#include "fabcast.h"

struct fabcast_result {
  fabcast::RunResult result;
};

namespace {

void tell(char** error, const char* text) {
  if (error) *error = strdup(text);
}

const fabcast::Table* find_table(const fabcast_result* result, const char* name) {
  if (!result || !name) return nullptr;
  const fabcast::RunResult& run = result->result;
  for (const fabcast::Table* table : run.tables())
    if (table->name == name) return table;
  return nullptr;
}

const fabcast::Cell* find_cell(const fabcast_result* result, const char* table_name, size_t row,
                               const char* column) {
  const fabcast::Table* table = find_table(result, table_name);
  if (!table || !column || row >= table->rows.size()) return nullptr;
  for (size_t c = 0; c < table->columns.size(); ++c)
    if (table->columns[c].name == column) return &table->rows[row][c];
  return nullptr;
}

}  // namespace

const char* fabcast_version(void) { return fabcast::version(); }

fabcast_result* fabcast_run(const char* scenario, const char* const* sets, size_t set_count,
                            uint64_t trials, uint64_t seed, int threads, char** error) {
  if (error) *error = nullptr;
  try {
    if (!scenario) throw fabcast::InputError("scenario: no path");
    if (trials == 0) throw fabcast::InputError("trials: 0; give at least 1");
    fabcast::RunRequest request;
    request.scenario.path = scenario;
    if (set_count > 0 && !sets) throw fabcast::InputError("sets: none, but a count of them");
    for (size_t i = 0; i < set_count; ++i) request.scenario.sets.emplace_back(sets[i]);
    request.trials = trials;
    request.seed = seed;
    request.threads = threads;
    request.command = "fabcast_run (C)";
    return new fabcast_result{fabcast::run(request)};
  } catch (const std::bad_alloc&) {
    tell(error, "not enough memory");
  } catch (const std::exception& mistake) {
    tell(error, mistake.what());
  }
  return nullptr;
}

size_t fabcast_rows(const fabcast_result* result, const char* table) {
  const fabcast::Table* found = find_table(result, table);
  return found ? found->rows.size() : 0;
}

size_t fabcast_columns(const fabcast_result* result, const char* table) {
  const fabcast::Table* found = find_table(result, table);
  return found ? found->columns.size() : 0;
}

const char* fabcast_column_name(const fabcast_result* result, const char* table, size_t column) {
  const fabcast::Table* found = find_table(result, table);
  return found && column < found->columns.size() ? found->columns[column].name.c_str() : nullptr;
}

const char* fabcast_text(const fabcast_result* result, const char* table, size_t row,
                         const char* column) {
  const fabcast::Cell* cell = find_cell(result, table, row, column);
  const std::string* text = cell ? std::get_if<std::string>(cell) : nullptr;
  return text ? text->c_str() : nullptr;
}

double fabcast_number(const fabcast_result* result, const char* table, size_t row,
                      const char* column) {
  const fabcast::Cell* cell = find_cell(result, table, row, column);
  return cell ? fabcast::number_in(*cell) : std::numeric_limits<double>::quiet_NaN();
}

int fabcast_write(const fabcast_result* result, const char* directory, int force, char** error) {
  if (error) *error = nullptr;
  try {
    if (!result || !directory) throw fabcast::InputError("nothing to write, or no directory");
    fabcast::WriteOptions options;
    options.force = force != 0;
    fabcast::write_results(result->result, directory, options);
    return 0;
  } catch (const fabcast::DirectoryInUse& mistake) {
    tell(error, mistake.what());
    return 5;
  } catch (const fabcast::DirectoryHoldsRun& mistake) {
    tell(error, mistake.what());
    return 6;
  } catch (const fabcast::InputError& mistake) {
    tell(error, mistake.what());
    return 2;
  } catch (const fabcast::IoError& mistake) {
    tell(error, mistake.what());
    return 4;
  } catch (const std::bad_alloc&) {
    tell(error, "not enough memory");
    return 3;
  } catch (const std::exception& mistake) {
    tell(error, mistake.what());
    return 1;
  }
}

void fabcast_free_result(fabcast_result* result) { delete result; }
void fabcast_free_text(char* text) { std::free(text); }
