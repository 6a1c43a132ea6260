/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TILLKIT_PSA_ERROR_H
#define TILLKIT_PSA_ERROR_H

/* The status codes that PSA's services share. mbedTLS asks for this header as soon as the trusted storage is not its
 * own, but does not ship it: its status codes lie in these two. Defining them again here would be a second truth. */
#include <psa/crypto_types.h>
#include <psa/crypto_values.h>

#endif
