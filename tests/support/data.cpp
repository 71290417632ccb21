#include "support/data.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

std::filesystem::path data_path(const std::string& name) {
    return std::filesystem::path(TEST_DATA) / name;
}

std::string data_file(const std::string& name) {
    std::ifstream file(data_path(name), std::ios::binary);
    if (!file)
        throw std::runtime_error("no test data " + name);
    return {std::istreambuf_iterator<char>(file), {}};
}
