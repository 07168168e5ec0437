// What deployment tools make of objects, by what those tools use: the library of kstatus, which is Flux's, and Lua as Argo CD runs it.
// Reads a JSON array of {"object": …, "lua": "a script"} and prints one of {"kstatus": …, "argo": …}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kubejson "k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type question struct {
	Object json.RawMessage `json:"object"`
	Lua    string         `json:"lua"`
}

type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type answer struct {
	Kstatus health `json:"kstatus"`
	Argo    health `json:"argo"`
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		fail(err)
	}
	answers := make([]answer, len(questions))
	for i, q := range questions {
		// Whole numbers stay whole, as clients of Kubernetes have them.
		var object map[string]any
		if err := kubejson.Unmarshal(q.Object, &object); err != nil {
			fail(err)
		}
		result, err := status.Compute(&unstructured.Unstructured{Object: object})
		if err != nil {
			fail(err)
		}
		answers[i].Kstatus = health{string(result.Status), result.Message}
		if answers[i].Argo, err = argoHealth(q.Lua, object); err != nil {
			fail(err)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

// Argo CD gives a script the libraries `package`, `base` and `table` and no others, the object as `obj`, and a second.
func argoHealth(script string, object map[string]any) (health, error) {
	vm := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer vm.Close()
	for name, open := range map[string]lua.LGFunction{lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		vm.Push(vm.NewFunction(open))
		vm.Push(lua.LString(name))
		vm.Call(1, 0)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	vm.SetContext(ctx)
	vm.SetGlobal("obj", value(vm, object))
	if err := vm.DoString(script); err != nil {
		return health{}, err
	}
	table, ok := vm.Get(-1).(*lua.LTable)
	if !ok {
		return health{}, errors.New("the script gives no table")
	}
	return health{table.RawGetString("status").String(), table.RawGetString("message").String()}, nil
}

func value(vm *lua.LState, from any) lua.LValue {
	switch v := from.(type) {
	case map[string]any:
		table := vm.NewTable()
		for key, item := range v {
			table.RawSetString(key, value(vm, item))
		}
		return table
	case []any:
		table := vm.NewTable()
		for _, item := range v {
			table.Append(value(vm, item))
		}
		return table
	case string:
		return lua.LString(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case bool:
		return lua.LBool(v)
	}
	return lua.LNil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}
