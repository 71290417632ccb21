// Which field each column of a CSV file of ours is.
#pragma once

#include "core/formats/csv_rows.h"
#include "core/formats/record_fields.h"
#include "core/formats/user_reader.h"

#include <string>
#include <vector>

namespace auth {

struct CsvColumn {
    std::string name; // as the file has it
    const RecordField* field = nullptr;
    std::string attribute{}; // of "attributes.KEY"; with no field either, the column is ignored
};

// Names are compared in any case and spacing; empty ones at the end are ignored. Fails with
// usage for a column that is neither known, renamed nor ignored, for two of one field, and for a
// name of `options` that no column has.
[[nodiscard]] Result<std::vector<CsvColumn>> csv_columns(const CsvRow& header,
                                                         const ReaderOptions& options);

} // namespace auth
