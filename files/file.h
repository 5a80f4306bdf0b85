#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace overproof {

/// The whole file as bytes. Throws InputError naming the path when it is missing or unreadable.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Like read_file; a gzip file (recognised by its first two bytes) is inflated.
[[nodiscard]] std::string read_file_or_gzip(const std::filesystem::path& path);

/// Writes to a temporary name in the same folder, syncs, and renames, so that a reader never sees half a
/// file. Creates the folder. Throws InputError naming the path when that fails.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// SHA-256 in lower-case hexadecimal.
[[nodiscard]] std::string sha256(std::string_view bytes);
[[nodiscard]] std::string sha256(std::span<const double> values);

}  // namespace overproof
