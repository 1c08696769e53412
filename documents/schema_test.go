package documents

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"darsd/dars"
)

// fits is the little of JSON Schema that a form needs: where a value does not fit.
func fits(at string, schema map[string]any, value any) (wrong []string) {
	if any, ok := schema["anyOf"].([]any); ok {
		if !slices.ContainsFunc(any, func(one interface{}) bool { return len(fits(at, one.(map[string]interface{}), value)) == 0 }) {
			return []string{at}
		}
		return nil
	}
	if c, ok := schema["const"]; ok && c != value {
		return []string{at}
	}
	if e, ok := schema["enum"].([]any); ok && !slices.Contains(e, value) {
		return []string{at}
	}
	if !typed(schema["type"], value) {
		return []string{at}
	}
	switch v := value.(type) {
	case map[string]any:
		known, _ := schema["properties"].(map[string]any)
		for name, inner := range v {
			if known[name] == nil {
				wrong = append(wrong, at+"."+name)
				continue
			}
			wrong = append(wrong, fits(at+"."+name, known[name].(map[string]any), inner)...)
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				wrong = append(wrong, at+"."+name.(string))
			}
		}
	case []any:
		if least, ok := schema["minItems"].(float64); ok && len(v) < int(least) {
			return []string{at}
		}
		for i, item := range v {
			wrong = append(wrong, fits(fmt.Sprintf("%s[%d]", at, i), schema["items"].(map[string]any), item)...)
		}
	case string:
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(v) {
			return []string{at}
		}
	}
	return wrong
}

func typed(types, value any) bool {
	var is string
	switch value.(type) {
	case nil:
		is = "null"
	case string:
		is = "string"
	case bool:
		is = "boolean"
	case float64, uint64, int64:
		is = "number"
	case []any:
		is = "array"
	case map[string]any:
		is = "object"
	}
	if types == nil || types == is || types == "integer" && is == "number" {
		return true
	}
	several, ok := types.([]any)
	return ok && slices.ContainsFunc(several, func(one any) bool { return typed(one, value) })
}

func schemaOf(t *testing.T) (schema map[string]any) {
	t.Helper()
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

func asData(t *testing.T, text string) (value any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	value = nil
	if err := json.Unmarshal(asJSON, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// sentOut is the form that we send out; with all of it, what is optional too.
func sentOut(t *testing.T, all bool) string {
	t.Helper()
	text, err := os.ReadFile("../cmd/darsd/application.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !all {
		return string(text)
	}
	said := regexp.MustCompile(`(?m)^( *)# ([ ]*(?:- |  +[a-z]+: |[a-z_0-9]+:(?: |$)))`).ReplaceAllString(string(text), "$1$2")
	said = strings.Replace(said, "\nevidence: [] ", "\nevidence: ", 1)
	said = strings.Replace(said, "\nprocessors: []", "\nprocessors: [RA2]", 1)
	return strings.Replace(said, "\nhosts: []", "\nhosts: [RA2]", 1)
}

func TestTheTemplateFitsTheSchema(t *testing.T) {
	schema := schemaOf(t)
	for name, all := range map[string]bool{"as it is": false, "with all that is optional": true} {
		t.Run(name, func(t *testing.T) {
			text := sentOut(t, all)
			if wrong := fits("", schema, asData(t, text)); len(wrong) > 0 {
				t.Errorf("the schema says %v", wrong)
			}
			read := ReadApplication([]byte(text))
			if len(read.Wrong) > 0 {
				t.Errorf("the reader says %v", read.Wrong)
			}
			for _, m := range read.Form.Check(nil) {
				if !strings.Contains(m.Says, "no dataset HES_APC") && m.Field != "previous" && m.Field != "kind" {
					t.Errorf("the check says %v", m)
				}
			}
			if all {
				left := unsaid("", reflect.ValueOf(read.Form))
				if len(left) > 0 {
					t.Errorf("the template does not show %v", left)
				}
			}
		})
	}
}

// unsaid lists the fields at the top and of the purpose in which nothing stands.
func unsaid(at string, v reflect.Value) (left []string) {
	for _, f := range dars.FormFields(v.Type()) {
		switch value := v.Field(f.Index); {
		case f.Name == "purpose":
			left = append(left, unsaid("purpose.", value)...)
		case value.IsZero() && !slices.Contains([]string{"territory_text", "commercial", "solely_commercial", "special_conditions"}, f.Name):
			left = append(left, at+f.Name)
		}
	}
	return left
}

// What the check says of the shape alone, the schema says too, of the same field.
func TestTheSchemaAndTheCheckAgree(t *testing.T) {
	schema := schemaOf(t)
	whole := sentOut(t, true)
	tests := map[string]struct{ old, new, field string }{
		"no title":                 {"title: Short title of the project\n", "", ".title"},
		"an empty title":           {"title: Short title of the project\n", "title: \" \"\n", ".title"},
		"a kind that is none":      {"kind: new ", "kind: old ", ".kind"},
		"a use that is none":       {"[RESEARCH]", "[SEARCH]", ".uses[0]"},
		"no controllers":           {"controllers: [RA1]", "controllers: []", ".controllers"},
		"a day that is none":       {"start: 2026-04-01", "start: 1 April", ".start"},
		"no aim":                   {"- aim: HEALTH_CARE", "- aim: PROFIT", ".purpose.serves[0].aim"},
		"an ICO number":            {"number: ZA123456", "number: 123", ".organisations[0].ico.number"},
		"an ethics reference":      {"reference: 14/LO/1234", "reference: LO 14", ".ethics.reference"},
		"a gateway that is none":   {"gateway: NHSA251_REG5  #", "gateway: s251  #", ".datasets[0].gateway"},
		"an unknown field":         {"frequency: ONE_OFF", "frequncy: ONE_OFF", ".datasets[0].frequncy"},
		"a text for a list":        {"collectors: [alice]", "collectors: alice", ".collectors"},
		"a text for true or false": {"sensitive: true", "sensitive: sometimes", ".datasets[0].sensitive"},
		"a text for a number":      {"kind: DSPT, code: RA1,", "kind: DSPT, score: high, code: RA1,", ".organisations[0].security[0].score"},
		"a basis in common law":    {"common_law: S251 ", "common_law: LAW ", ".datasets[0].common_law"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(whole, tt.old, tt.new, 1)
			if text == whole {
				t.Fatal("nothing was spoilt")
			}
			if wrong := fits("", schema, asData(t, text)); !slices.Contains(wrong, tt.field) {
				t.Errorf("the schema says %v, not %s", wrong, tt.field)
			}
			read := ReadApplication([]byte(text))
			if !slices.ContainsFunc(read.Check(nil), func(m dars.Mistake) bool { return "."+m.Field == tt.field && (m.Line > 0 || tt.new == "") }) {
				t.Errorf("the check says %v, not %s", read.Check(nil), tt.field)
			}
		})
	}
}
