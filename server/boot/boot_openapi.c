/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI document, carried in the program: what is served is what was built. */
#include "boot/boot_internal.h"
#include "boot/openapi_changed.h"

__asm__(".pushsection .rodata\n"
        ".local boot_openapi_begin\n"
        "boot_openapi_begin:\n"
        ".incbin \"" OPENAPI_FILE "\"\n"
        ".local boot_openapi_end\n"
        "boot_openapi_end:\n"
        ".popsection\n");

extern const uint8_t boot_openapi_begin[] __attribute__((visibility("hidden")));
extern const uint8_t boot_openapi_end[] __attribute__((visibility("hidden")));

struct tsec_span
boot_openapi(void)
{
    return tsec_span(boot_openapi_begin, (size_t)(boot_openapi_end - boot_openapi_begin));
}
