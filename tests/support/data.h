// Files of tests/data.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

inline std::string data_file(const std::string& name) {
    std::ifstream file(std::string(TEST_DATA) + "/" + name, std::ios::binary);
    if (!file)
        throw std::runtime_error("no test data " + name);
    return {std::istreambuf_iterator<char>(file), {}};
}
