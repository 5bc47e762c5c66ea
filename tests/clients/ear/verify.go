// SPDX-License-Identifier: Apache-2.0

// A relying party on Project Veraison's own library: verify TOKEN JWKS prints the status of each submodule.
package main

import (
	"fmt"
	"os"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/veraison/ear"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	token, err := os.ReadFile(os.Args[1])
	check(err)
	text, err := os.ReadFile(os.Args[2])
	check(err)
	keys, err := jwk.Parse(text)
	check(err)
	key, _ := keys.Key(0)
	var result ear.AttestationResult
	check(result.Verify(token, jwa.ES384(), key))
	for name, appraisal := range result.Submods {
		fmt.Println(name, *appraisal.Status, appraisal.TrustVector.Hardware, *result.Nonce)
	}
}
