/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/amc.h"

static const char *const layout_names[] = {
    [AMC_RAW48] = "raw48",
    [AMC_MAA32] = "maa32",
    [AMC_TPM32] = "tpm32",
};

const char *
amc_layout_name(enum amc_layout layout)
{
    return layout_names[layout >= AMC_RAW48 && layout <= AMC_TPM32 ? layout : AMC_RAW48];
}

bool
amc_layout_parse(struct tsec_span name, enum amc_layout *out)
{
    for (int i = AMC_RAW48; i <= AMC_TPM32; i++) {
        if (tsec_span_is(name, layout_names[i])) {
            *out = (enum amc_layout)i;
            return true;
        }
    }
    return false;
}

enum amc_layout
amc_layout_of(const char *format)
{
    const struct tsec_span f = tsec_span_str(format);

    if (tsec_span_is(f, "maa")) {
        return AMC_MAA32;
    }
    if (tsec_span_is(f, "az-snp-vtpm") || tsec_span_is(f, "az-tdx-vtpm")) {
        return AMC_TPM32;
    }
    return AMC_RAW48;
}
