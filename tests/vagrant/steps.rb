# Prints what Vagrant makes of the Vagrantfile, a line each: a machine and one of its steps as Vagrant would
# run it, between tabs. Vagrant itself has no command for it.

require "vagrant"

environment = Vagrant::Environment.new(ui_class: Vagrant::UI::Silent)
environment.machine_names.each do |name|
  machine = environment.vagrantfile.machine_config(name, environment.default_provider, nil)
  machine[:config].vm.provisioners.each do |step|
    puts [name, step.name, step.run || "up", step.config.inline.dump].join("\t")
  end
end
