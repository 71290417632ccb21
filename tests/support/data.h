// Files of tests/data.
#pragma once

#include <filesystem>
#include <string>

std::filesystem::path data_path(const std::string& name);
std::string data_file(const std::string& name);
