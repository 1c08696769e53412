package documents

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"

	"darsd/dars"
)

// Schema is the form as a JSON Schema (draft 2020-12): what an editor completes
// and marks while an application is written. It is read off the form itself, and
// knows the shape alone: what must agree with something else, or with the
// office's records, is for the check.
func Schema() []byte {
	schema := group(reflect.TypeFor[dars.Form]())
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Application for data"
	text, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		panic(err) // maps, lists and texts
	}
	return append(text, '\n')
}

// object is one of JSON.
type object = map[string]any

func group(kind reflect.Type) object {
	fields, required := object{}, []string{}
	for _, f := range dars.FormFields(kind) {
		fields[f.Name] = described(f, ofType(kind.Field(f.Index).Type, f))
		if !f.Optional {
			required = append(required, f.Name)
		}
	}
	return object{"type": "object", "properties": fields, "required": required, "additionalProperties": false}
}

func described(f dars.FormField, schema object) object {
	if f.About != "" {
		schema["description"] = f.About
	}
	return schema
}

// ofType is the schema of a field. What may be left out may also be empty.
func ofType(kind reflect.Type, f dars.FormField) object {
	switch kind.Kind() {
	case reflect.Pointer:
		return orNothing(ofType(kind.Elem(), f), f.Optional)
	case reflect.Struct:
		if reflect.PointerTo(kind).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return object{"anyOf": []any{object{"type": "string", "pattern": notBlank}, group(kind)}}
		}
		return group(kind)
	case reflect.Slice:
		item := f
		item.Optional = false
		list := object{"type": "array", "items": ofType(kind.Elem(), item), "maxItems": maxItems}
		if !f.Optional {
			list["minItems"] = 1
		}
		return orNothing(list, f.Optional)
	case reflect.Bool:
		return orNothing(object{"type": "boolean"}, f.Optional)
	case reflect.Int:
		return orNothing(object{"type": "integer"}, f.Optional)
	case reflect.String:
		return scalar(kind, f)
	}
	panic(fmt.Sprintf("a form has no %s", kind)) // which tests see
}

// notBlank is a text in which something is written.
const notBlank = `\S`

// scalar is the schema of a text: one of a list, a date, one that is written in a
// certain way, or any.
func scalar(kind reflect.Type, f dars.FormField) object {
	var schema object
	switch {
	case f.Codes != nil:
		// The meanings are what editors show beside each.
		var each []any
		for _, c := range f.Codes {
			each = append(each, object{"const": c.Code, "title": c.Meaning})
		}
		schema = object{"anyOf": each}
	case kind == reflect.TypeFor[dars.Day]():
		schema = object{"type": "string", "format": "date", "pattern": dars.DayPattern}
	case f.Pattern != "":
		schema = object{"type": "string", "pattern": f.Pattern}
	case f.Optional:
		return object{"type": []any{"string", "number", "null"}}
	default:
		return object{"type": []any{"string", "number"}, "pattern": notBlank}
	}
	if f.Optional {
		return object{"anyOf": []any{schema, object{"enum": []any{"", nil}}}}
	}
	return schema
}

// orNothing lets what is optional be written without a value.
func orNothing(schema object, optional bool) object {
	if optional {
		schema["type"] = []any{schema["type"], "null"}
	}
	return schema
}
