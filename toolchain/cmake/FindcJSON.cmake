# SPDX-License-Identifier: Apache-2.0
# cJSON's own CMake export names absolute paths, so it cannot be moved or installed beside tillkit. Gives cJSON::cJSON.
find_path(cJSON_INCLUDE_DIR NAMES cjson/cJSON.h)
find_library(cJSON_LIBRARY NAMES cjson)
mark_as_advanced(cJSON_INCLUDE_DIR cJSON_LIBRARY)
if(cJSON_INCLUDE_DIR)
  foreach(part MAJOR MINOR PATCH)
    file(STRINGS "${cJSON_INCLUDE_DIR}/cjson/cJSON.h" line REGEX "#define CJSON_VERSION_${part} ")
    string(REGEX MATCH "[0-9]+" cJSON_VERSION_${part} "${line}")
  endforeach()
  set(cJSON_VERSION "${cJSON_VERSION_MAJOR}.${cJSON_VERSION_MINOR}.${cJSON_VERSION_PATCH}")
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(cJSON REQUIRED_VARS cJSON_LIBRARY cJSON_INCLUDE_DIR VERSION_VAR cJSON_VERSION)
if(cJSON_FOUND AND NOT TARGET cJSON::cJSON)
  add_library(cJSON::cJSON UNKNOWN IMPORTED)
  set_target_properties(cJSON::cJSON PROPERTIES IMPORTED_LOCATION "${cJSON_LIBRARY}"
                                                INTERFACE_INCLUDE_DIRECTORIES "${cJSON_INCLUDE_DIR}")
endif()
