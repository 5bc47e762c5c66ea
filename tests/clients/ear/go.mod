module tee-secrets.test/ear

go 1.23

require github.com/veraison/ear v1.1.3
