// What can stand behind --data: the name of a known data set, or the path of a file.
//
// A known data set is looked for in the folder $CCE_REC_DATA, then in the cache ($XDG_CACHE_HOME/cce_rec, by
// default ~/.cache/cce_rec), and then downloaded into the cache, checked against the SHA-256 that is written
// down here.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "data/attributes.h"
#include "data/dataset.h"

namespace cce {

/// A file of the public collection.
struct PublicFile {
  const char* file;
  const char* sha256;
  int64_t bytes;
};
/// Passes over all prefixes in S3-Rec's first stage, unless a known data set says otherwise.
inline constexpr int kPretrainEpochs = 150;
/// A data set with a name of its own. `demo` is built in and has no files.
struct NamedData {
  const char* name;
  const char* description;
  PublicFile sequences;
  PublicFile attributes;
  int pretrain_epochs = kPretrainEpochs;
  bool built_in() const { return sequences.file == nullptr; }
};
std::span<const NamedData> named_data();
/// Null if there is no such name.
const NamedData* find_named_data(const std::string& name);

/// Throws a usage error with the nearest name for a word (no '/' and no '.' in it) that is neither a known
/// data set nor a file.
void require_known_or_there(const std::string& name_or_path);

/// Loads a known data set or a file of S3-Rec text. A word that is neither is wrong use, as above; a path
/// that is not there is a failure.
Dataset load_dataset(const std::string& name_or_path);

/// Loads the attributes that belong to `dataset`, which load_dataset(name_or_path) returned: from
/// `attributes_path` if given; else those of the known data set; else from X_item2attributes.json beside the
/// file X.txt. Throws where there are none.
Attributes load_attributes(const std::string& name_or_path, const Dataset& dataset,
                           const std::string& attributes_path = "");

/// Whether load_attributes(name_or_path, ...) would find some on this machine.
bool has_attributes(const std::string& name_or_path);

/// The folder that downloads go to. Throws when neither XDG_CACHE_HOME nor HOME says where.
std::filesystem::path cache_folder();
/// Where the file is on this machine, or nothing.
std::optional<std::filesystem::path> find_public_file(const PublicFile& file);
/// Where the file is on this machine; downloads it if it is not.
std::filesystem::path get_public_file(const PublicFile& file);

}  // namespace cce
