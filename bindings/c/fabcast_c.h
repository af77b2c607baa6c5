/* fabcast for C, and through it for any language: run a scenario, read its tables, write its files.
 *
 *   char* error = NULL;
 *   fabcast_result* result = fabcast_run("scenarios/baseline.scn", NULL, 0, 10000, 1, 0, &error);
 *   if (!result) { fprintf(stderr, "%s\n", error); fabcast_free_text(error); return 2; }
 *   for (size_t row = 0; row < fabcast_rows(result, "summary"); ++row)
 *     printf("%s %g\n", fabcast_text(result, "summary", row, "variable"),
 *            fabcast_number(result, "summary", row, "p50"));
 *   fabcast_free_result(result);
 *
 * No function throws or ends the process. Texts that a function returns live as long as the result,
 * error texts until fabcast_free_text. A result is read-only: threads may read it together.
 */
#ifndef FABCAST_C_H
#define FABCAST_C_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define FABCAST_PUBLIC __attribute__((visibility("default")))
#else
#define FABCAST_PUBLIC
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fabcast_result fabcast_result;

/* "0.1.0" */
FABCAST_PUBLIC const char* fabcast_version(void);

/* Runs a scenario file. `sets`: `set_count` texts as after --set, e.g. "fab.SN2.plan = 5k
 * wafers/month". `threads` 0: all cores. NULL where it failed; *error then holds every mistake with
 * its place. */
FABCAST_PUBLIC fabcast_result* fabcast_run(const char* scenario, const char* const* sets,
                                           size_t set_count, uint64_t trials, uint64_t seed,
                                           int threads, char** error);

/* Tables: "summary", "binding", "questions", "inputs", with the columns of the files of that name.
 * Rows and columns are 0 and names NULL where there is no such table, column or row. */
FABCAST_PUBLIC size_t fabcast_rows(const fabcast_result*, const char* table);
FABCAST_PUBLIC size_t fabcast_columns(const fabcast_result*, const char* table);
FABCAST_PUBLIC const char* fabcast_column_name(const fabcast_result*, const char* table,
                                               size_t column);
/* The text of a cell, NULL where it holds none. */
FABCAST_PUBLIC const char* fabcast_text(const fabcast_result*, const char* table, size_t row,
                                        const char* column);
/* The number in a cell, NaN where it holds none. */
FABCAST_PUBLIC double fabcast_number(const fabcast_result*, const char* table, size_t row,
                                     const char* column);

/* Writes the files of `fabcast run --out`, whole or not at all; 0, or the exit status that the
 * command line would give, with *error. `force`: replace another run's files. */
FABCAST_PUBLIC int fabcast_write(const fabcast_result*, const char* directory, int force,
                                 char** error);

FABCAST_PUBLIC void fabcast_free_result(fabcast_result*);
FABCAST_PUBLIC void fabcast_free_text(char*);

#ifdef __cplusplus
}
#endif
#endif
