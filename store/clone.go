package store

import (
	"reflect"
	"time"

	"darsd/dars"
)

// clone returns a noun that shares nothing with another of the same facts, so that
// one can change and the other stay. It costs a tenth of writing and reading JSON.
func clone(n dars.Noun) dars.Noun {
	c := reflect.New(reflect.TypeOf(n).Elem())
	c.Elem().Set(reflect.ValueOf(n).Elem())
	part(c.Elem())
	return c.Interface().(dars.Noun)
}

// part gives a copied value its own slices, maps and pointers.
func part(v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() || !v.CanSet() {
		return // a time is a value, whatever it holds
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			switch f := v.Field(i); f.Kind() {
			case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Array:
				part(f)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			part(v.Index(i))
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		v.Set(own)
		switch v.Type().Elem().Kind() {
		case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Array:
			for i := range v.Len() {
				part(v.Index(i))
			}
		}
	case reflect.Map:
		if v.IsNil() {
			return
		}
		own := reflect.MakeMapWithSize(v.Type(), v.Len())
		for each := v.MapRange(); each.Next(); {
			item := reflect.New(v.Type().Elem()).Elem()
			item.Set(each.Value())
			part(item)
			own.SetMapIndex(each.Key(), item)
		}
		v.Set(own)
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		part(own.Elem())
		v.Set(own)
	}
}
