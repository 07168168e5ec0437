// Command runtime is runc for containers that ask for a seccomp filter where runc was built without one: it takes the filter out of what
// runc is told, as libseccomp is nothing that a machine with Go and a C compiler is sure to have. Everything else is runc's.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"syscall"
)

func main() {
	own, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	for i, argument := range os.Args {
		if argument == "--bundle" && i+1 < len(os.Args) {
			if err := withoutSeccomp(filepath.Join(os.Args[i+1], "config.json")); err != nil {
				log.Fatal(err)
			}
		}
	}
	runc := filepath.Join(filepath.Dir(own), "runc")
	log.Fatal(syscall.Exec(runc, append([]string{runc}, os.Args[1:]...), os.Environ()))
}

func withoutSeccomp(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var config map[string]json.RawMessage
	if err := json.Unmarshal(text, &config); err != nil {
		return err
	}
	var linux map[string]json.RawMessage
	if err := json.Unmarshal(config["linux"], &linux); err != nil || linux["seccomp"] == nil {
		return err
	}
	delete(linux, "seccomp")
	if config["linux"], err = json.Marshal(linux); err != nil {
		return err
	}
	if text, err = json.Marshal(config); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
