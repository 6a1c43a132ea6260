/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TILLKIT_PSA_INTERNAL_TRUSTED_STORAGE_H
#define TILLKIT_PSA_INTERNAL_TRUSTED_STORAGE_H

/* The Internal Trusted Storage calls of the PSA Secure Storage API 1.0, as far as mbedTLS calls them. mbedTLS includes
 * this header when MBEDTLS_PSA_ITS_FILE_C is off, but does not ship it; lib/security defines the functions. Copied
 * beside mbedTLS's own headers before mbedTLS is built, so that caller and callee see the same declarations. */
#include <psa/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PSA_ITS_API_VERSION_MAJOR 1
#define PSA_ITS_API_VERSION_MINOR 0

typedef uint64_t psa_storage_uid_t;

typedef uint32_t psa_storage_create_flags_t;
#define PSA_STORAGE_FLAG_NONE 0u
#define PSA_STORAGE_FLAG_WRITE_ONCE (1u << 0)

/* `size` is uint32_t where the specification has size_t (and so is the length of set, and offset and length of get):
 * the types are mbedTLS's, whose own storage declares them so, and on a 64-bit target the two are not the same. */
struct psa_storage_info_t {
  uint32_t size;
  psa_storage_create_flags_t flags;
};

/* Creates or replaces the data of `uid`. */
psa_status_t psa_its_set(psa_storage_uid_t uid, uint32_t data_length, const void* p_data,
                         psa_storage_create_flags_t create_flags);

/* Reads up to `data_length` bytes from `data_offset` on; `*p_data_length` says how many there were. */
psa_status_t psa_its_get(psa_storage_uid_t uid, uint32_t data_offset, uint32_t data_length, void* p_data,
                         size_t* p_data_length);

/* Reads the size and the flags of `uid`. */
psa_status_t psa_its_get_info(psa_storage_uid_t uid, struct psa_storage_info_t* p_info);

/* Removes `uid` and its data. */
psa_status_t psa_its_remove(psa_storage_uid_t uid);

#ifdef __cplusplus
}
#endif

#endif
